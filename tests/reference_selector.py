"""A plain reader of entity selectors, a step a character, to hold the grammar against."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NoReturn

from tallystick.apis.keyastrom import selector as s
from tallystick.apis.keyastrom import timeframe

_NAME = re.compile(r"[^\W\d][\w-]*")
_BARE = re.compile(r'[^\s"(),](?:[^"(),]*[^\s"(),])?')
_QUOTED = re.compile(r'"((?:[^"~]|~.)*)"', re.DOTALL)
_AND = re.compile(r"\s+AND\s+")
_END = re.compile(r"(from|to)relationships?")
_MATCHES = {"contains": "contains", "startswith": "startsWith", "equals": "equals", "in": "equals"}
_NOT_NEGATED = {"type", "deletedentities"}


class Refused(Exception):
    """The text is no selector."""


class ReferenceReader:
    """Reads one selector from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def read(self) -> s.Selector:
        """Return the selector; raise `Refused`."""
        selector = self._selector()
        self._skip()
        return selector if self._at == len(self._text) else self._refuse()

    def _refuse(self) -> NoReturn:
        raise Refused

    def _skip(self) -> None:
        while self._text[self._at : self._at + 1].isspace():
            self._at += 1

    def _has(self, mark: str) -> bool:
        self._skip()
        found = self._text.startswith(mark, self._at)
        self._at += len(mark) * found
        return found

    def _need(self, mark: str) -> None:
        if not self._has(mark):
            self._refuse()

    def _name(self) -> str:
        self._skip()
        found = _NAME.match(self._text, self._at) or self._refuse()
        self._at = found.end()
        return found[0].casefold()

    def _selector(self) -> s.Selector:
        criteria = [self._criterion()]
        while self._follows():
            criteria.append(self._criterion())
        types = sum(isinstance(each, s.EntityType) for each in criteria)
        has_id = any(isinstance(each, s.EntityId) for each in criteria)
        return (
            s.Selector(tuple(criteria)) if types == 1 or (not types and has_id) else self._refuse()
        )

    def _follows(self) -> bool:
        joined = _AND.match(self._text, self._at)
        self._at = joined.end() if joined else self._at
        return bool(joined) or self._has(",")

    def _value(self) -> str:
        self._skip()
        if quoted := _QUOTED.match(self._text, self._at):
            self._at = quoted.end()
            return re.sub("~(.)", r"\1", quoted[1], flags=re.DOTALL)
        bare = _BARE.match(self._text, self._at) or self._refuse()
        self._at = bare.end()
        return bare[0]

    def _values(self) -> tuple[str, ...]:
        values = [self._value()]
        while self._has(","):
            values.append(self._value())
        self._need(")")
        return tuple(values)

    def _called(self) -> tuple[str, ...]:
        self._need("(")
        return self._values()

    def _alone(self) -> str:
        values = self._called()
        return values[0] if len(values) == 1 else self._refuse()

    def _criterion(self, *, negated: bool = False) -> s.Criterion:  # noqa: PLR0911  # one a criterion
        name = self._name()
        if negated and name in _NOT_NEGATED:
            self._refuse()
        if name == "type":
            return s.EntityType(s.type_name(self._alone()))
        if name == "deletedentities":
            self._need(".")
            included = {"include": True, "exclude": False}.get(self._name())
            self._need("(")
            self._need(")")
            return self._refuse() if included is None else s.DeletedEntities(included)
        if name == "entityid":
            return self._entity_id()
        if name == "entityname":
            return self._entity_name(case_sensitive=False)
        if name == "casesensitive":
            self._need("(")
            _ = self._name() == "entityname" or self._refuse()
            inner = self._entity_name(case_sensitive=True)
            self._need(")")
            return inner
        if name == "not":
            self._need("(")
            inner_criterion = self._criterion(negated=True)
            self._need(")")
            return s.Not(inner_criterion)
        if name == "firstseentms":
            return self._first_seen()
        if end := _END.fullmatch(name):
            return self._relationship(s.End(end[1]))
        return self._listed(name)

    def _listed(self, name: str) -> s.Criterion:
        if name == "tag":
            return s.Tag(tuple(map(s.tag_value, self._called())))
        kinds: dict[str, Callable[[tuple[str, ...]], s.Criterion]] = {
            "mzid": s.ZoneId,
            "mzname": s.ZoneName,
            "healthstate": s.HealthState,
        }
        return kinds[name](self._called()) if name in kinds else self._attribute(name)

    def _entity_id(self) -> s.Criterion:
        ids = self._called()
        types = {m[1] for m in (re.fullmatch("([A-Z_]+)-[0-9A-F]{16}", id_) for id_ in ids) if m}
        return s.EntityId(ids) if len(types) < 2 else self._refuse()

    def _entity_name(self, *, case_sensitive: bool) -> s.Criterion:
        match = "contains"
        if self._has("."):
            match = _MATCHES.get(self._name()) or self._refuse()
        return s.EntityName(s.MatchOperator(match), self._called(), case_sensitive)

    def _first_seen(self) -> s.Criterion:
        self._need(".")
        name = self._name()
        comparison = s.Comparison(name) if name in list(s.Comparison) else self._refuse()
        try:
            return s.FirstSeen(comparison, timeframe.parse_time(self._alone()))
        except timeframe.TimeError:
            self._refuse()

    def _relationship(self, end: s.End) -> s.Criterion:
        self._need(".")
        name = self._name()
        _ = name not in _NOT_NEGATED or self._refuse()
        self._need("(")
        selector = self._selector()
        self._need(")")
        return s.Relationship(end, name, selector)

    def _attribute(self, name: str) -> s.Criterion:
        while self._has("."):
            part = self._name()
            if part == "exists":
                return self._exists(name)
            _ = part not in _NOT_NEGATED or self._refuse()
            name = f"{name}.{part}"
        return s.Attribute(name, self._called())

    def _exists(self, name: str) -> s.Criterion:
        self._need("(")
        keys = () if self._has(")") else self._values()
        if keys in (("true",), ("false",)):
            return s.AttributeExists(name, keys == ("true",))
        return s.AttributeExists(name, exists=True, keys=keys)
