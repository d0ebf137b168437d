"""A new resource: what was sent, and what a server adds, such as an id and the time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick import randomness
from tallystick.apis.generic.inner_times import InnerTime
from tallystick.apis.generic.item_id import id_at, with_id_at
from tallystick.apis.generic.item_place import WHOLE, Place, is_scalar, shape_at
from tallystick.apis.generic.new_id import IdRules, draw_id, id_rules
from tallystick.apis.generic.resource_store import Item
from tallystick.apis.generic.resource_type import ResourceType
from tallystick.apis.generic.to_event import as_json
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import MAX_FORMS, SchemaValues, matches
from tallystick.times import format_ms

_TIMES: Mapping[str, Callable[[int], Any]] = {
    "date": lambda now_ms: format_ms(now_ms)[:10],
    "date-time": format_ms,
    "unix-time": lambda now_ms: now_ms // 1_000,  # as in Stripe's document
}

_CHANGED = frozenset(
    "changedat datemodified dateupdated lastmodified lastmodifiedat lastmodifieddate "
    "lastmodifieddatetime lastmodifiedon lastupdate lastupdated lastupdatedat lastupdatetime "
    "modified modifiedat modifieddate modifiedon modifiedtime updated updatedat updateddate "
    "updatedon updatedtime updatetime".split()
)
"""Names of members with the time of the last change, without their signs and case."""

_MADE = re.compile(
    r"(date|time)?creat(ed|ion)|timestamp"
    r"|(date|time)?(add|creat|insert|issu|regist)(e|ed|er|ered|ion|ration)?"
    r"(at|on|date|datetime|time|timestamp)"
)
"""Names of members with the time of an item's creation, without their signs and case."""

_TIME_TEXT = format_ms(0)

_IN_MILLISECONDS = 10**11
"""Seconds since 1970 have fewer digits in the examples of documents."""

_IDS = frozenset({"guid", "id", "uuid"})
"""Names of members that are another for each item, also where another one is in its path."""

_BOUNDS = frozenset({"const", "enum", "exclusiveMaximum", "maximum", "multipleOf"})


class _ServersMember(NamedTuple):
    """A member that the server adds, because it is required, or its own, or has a default."""

    name: str
    schema: Mapping[str, Any]
    is_own: bool
    """The contract lets callers read it alone."""
    is_optional: bool
    """An item may lack it for good, as its caller could have written it at first."""
    is_changed: bool
    """It has the time of the last change."""
    shape: SchemaShape
    keywords: Mapping[str, Any]
    write_time: Callable[[int], Any] | None
    """Returns the time of a call as the member has it; None for one without a time."""

    def keeps(self, old: Item) -> bool:
        """Return whether the value of an old item stays where a replacement leaves it out.

        A member of callers goes back to its default, and one without is not made up anew.
        """
        stays = self.is_own or "default" not in self.keywords
        return stays and not self.is_changed and self.name in old

    def changed(self, value: Any, now_ms: int) -> Any:
        """Return the value after a change: an object such as `meta` has the time of it."""
        if not isinstance(value, dict):
            return value
        names = (name for name in value if plain_name(name) in _CHANGED)
        return {**value, **_times(self.shape, names, now_ms)}

    def with_times(self, value: Any, now_ms: int) -> Any:
        """Return the value of a new item, with the time of its creation within an object."""
        if not isinstance(value, dict):
            return value
        return {**value, **_times(self.shape, value, now_ms)}


class _ItemPlan(NamedTuple):
    """What a new item of one type needs."""

    added: tuple[_ServersMember, ...]
    dropped: frozenset[str]
    """Members that are not kept: callers may write them alone, or read them alone."""
    dropped_at_first: frozenset[str]
    """Those of a new item: its caller may write some once."""
    written_alone: frozenset[str]
    ids: IdRules
    drops_id: bool
    """Callers may read its id alone, within another member."""
    forms: int
    """How many forms its type has."""
    members: frozenset[str]
    choices: Mapping[str, Sequence[Any]]
    """The values that members of this form can have alone."""
    times: tuple[InnerTime, ...]
    """The times that the server adds to objects of the caller's."""
    scalars: Mapping[str, Place]
    """Plain names → places of its members, and of those beside an id within an object."""

    def distance(self, sent: Item) -> tuple[int, int]:
        """Return how many members have values of other forms, and how many are of others."""
        wrong = sum(sent[name] not in each for name, each in self.choices.items() if name in sent)
        return wrong, len(sent.keys() - self.members)


class NewItems:
    """Completes items of one contract."""

    def __init__(self, values: SchemaValues, content: Mapping[str, Any]) -> None:
        self._values = values
        self._content = content
        self._plans: dict[tuple[str, int], _ItemPlan] = {}

    def complete(
        self,
        kind: ResourceType,
        body: Any,
        now_ms: int,
        old: Item | None = None,
        path_values: Mapping[str, Any] = {},
    ) -> dict[str, Any]:
        """Return what was sent with all that the server adds; of an `old` item that is kept.

        Of a type with several forms, the one is taken that has the most of what was sent. A member
        with the name of a path parameter has its value.
        """
        sent = body if isinstance(body, Mapping) else {}
        plan = self._plan_of(kind, sent)
        dropped = plan.dropped_at_first if old is None else plan.dropped
        kept = {name: value for name, value in sent.items() if name not in dropped}
        item: dict[str, Any] = as_json(kept)
        if plan.drops_id and id_at(item, kind.id_place) is not None:
            item = with_id_at(item, kind.id_place, None)
        if path_values:
            item = self._with_path(kind, plan, item, path_values)
        for member in plan.added:
            if member.name in item:
                continue
            if old is not None and member.keeps(old):
                item[member.name] = member.changed(old[member.name], now_ms)
            elif not member.is_optional:
                item[member.name] = self._added(kind, member, now_ms)
        for time in plan.times:
            item = dict(time.added(item, old, now_ms))
        return item

    def _with_path(
        self, kind: ResourceType, plan: _ItemPlan, item: dict[str, Any], values: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return an item with the owners in its path, as far as it has members for them."""
        for name, value in values.items():
            place = plan.scalars.get(plain_name(name), WHOLE)
            if name == kind.parameter or not place or id_at(item, place) is not None:
                continue
            member = shape_at(SchemaShape(kind.item_schema, self._content), place)
            fitting = (each for each in (value, str(value)) if self._takes(member, each))
            found = next(fitting, None)
            item = item if found is None else _placed(item, place, found)
        return item

    def _takes(self, member: SchemaShape, value: Any) -> bool:
        return self._values.validator(member.keywords).is_valid(value)

    def counts(self, kind: ResourceType) -> bool:
        """Return whether the ids of a type are numbers, which are counted up."""
        return self._plan(kind).ids.counts

    def makes_uuids(self, kind: ResourceType) -> bool:
        """Return whether a new id of a type is a UUID, so that none is taken already."""
        ids = self._plan(kind).ids
        return not (ids.counts or ids.draws)

    def with_id(self, kind: ResourceType, item: Item, id_: Any) -> tuple[Item, Any]:
        """Return the item with that id, or with a new one for None, and the id."""
        ids = self._plan(kind).ids
        given = draw_id(self._values, ids) if id_ is None else id_
        given = ids.written(given) if kind.id_place else given
        return with_id_at(item, kind.id_place, given), given

    def with_new_id(self, kind: ResourceType, item: Item) -> tuple[Item, str]:
        """Return an item of a type whose ids are UUIDs with a new one, and that id."""
        id_ = randomness.uuid4_text()
        return with_id_at(item, kind.id_place, id_), id_

    def keep_own(self, kind: ResourceType, item: Item, old: Item, now_ms: int) -> Item:
        """Return a changed item with its old id, the server's old members, and the time of it."""
        plan = self._plan(kind)
        added = plan.added
        own = (member for member in added if member.is_own and member.name in old)
        kept: Item = {**item, **{each.name: each.changed(old[each.name], now_ms) for each in own}}
        for member in added:
            if member.is_changed and kept.get(member.name) == old.get(member.name):
                kept = {**kept, member.name: self._added(kind, member, now_ms)}
        for time in plan.times:
            kept = time.changed(kept, old, now_ms)
        id_ = id_at(old, kind.id_place)
        return kept if id_ is None else with_id_at(kept, kind.id_place, id_)

    def drop_unkept(self, kind: ResourceType, item: Item) -> Item:
        """Return an item without the members that callers may write alone."""
        return {n: value for n, value in item.items() if n not in self._plan(kind).written_alone}

    def _added(self, kind: ResourceType, member: _ServersMember, now_ms: int) -> Any:
        if "default" in member.keywords:
            return member.keywords["default"]
        if member.write_time is not None:
            return member.write_time(now_ms)
        if plain_name(member.name) in _IDS:
            return self._drawn_id(member)
        listed = kind.list_words.defaults.get(member.name)
        if listed is not None and self._values.validator(member.schema).is_valid(listed):
            return listed  # so a list shows what is new
        made = self._values.make_value(member.schema, f"{kind.collection} {member.name}")
        return member.with_times(made, now_ms)

    def _drawn_id(self, member: _ServersMember) -> Any:
        """Return a value for this item alone, which no example has."""
        is_integer = member.keywords.get("type") == "integer"
        if is_integer and not member.keywords.keys() & _BOUNDS:
            return int(randomness.token_hex(4), 16) >> 1  # of 31 bits, for `int32`
        return self._values.make_value(member.schema, randomness.token_hex(8), examples=False)

    def _plan_of(self, kind: ResourceType, sent: Item) -> _ItemPlan:
        """Return the plan of the form that what was sent is nearest to, or else of the first."""
        first = self._plan(kind)
        if first.forms == 1:
            return first
        plans = (self._plan(kind, turn) for turn in range(min(first.forms, MAX_FORMS)))
        return min(plans, key=lambda each: each.distance(sent))

    def _plan(self, kind: ResourceType, turn: int = 0) -> _ItemPlan:
        key = (kind.collection, turn)
        if key not in self._plans:
            self._plans[key] = self._make_plan(kind, turn)
        return self._plans[key]

    def _make_plan(self, kind: ResourceType, turn: int) -> _ItemPlan:
        shape = SchemaShape(kind.item_schema, self._content, turn)
        added: list[_ServersMember] = []
        read_alone, written_alone = set(), set()
        for name, schema in shape.properties.items():
            member = shape.member(name)
            keywords = member.keywords
            if keywords.get("readOnly"):
                read_alone.add(name)
            if keywords.get("writeOnly"):
                written_alone.add(name)
            if name in written_alone or (name,) == kind.id_place:
                continue
            is_own = bool(keywords.get("readOnly"))
            is_needed = name in shape.required or "default" in keywords
            write_time = _time_writer(name, member)
            # A time that no request has is the server's, though few documents say so.
            is_told = write_time is not None and _is_now(name) and name not in kind.sent
            if is_own or is_needed or is_told:
                is_changed = plain_name(name) in _CHANGED and write_time is not None
                is_optional = name in kind.made_with and not (is_needed or write_time)
                own = is_own, is_optional, is_changed
                added.append(_ServersMember(name, schema, *own, member, keywords, write_time))
        id_shape = shape_at(shape, kind.id_place) if kind.id_place else SchemaShape({}, {})
        of_path = SchemaShape(kind.path_schema, self._content)
        return _ItemPlan(
            tuple(added),
            frozenset(read_alone | written_alone),
            frozenset(read_alone - kind.made_with | written_alone),
            frozenset(written_alone),
            id_rules(self._values, id_shape, of_path),
            drops_id=len(kind.id_place) > 1 and bool(id_shape.keywords.get("readOnly")),
            forms=shape.forms,
            members=frozenset(shape.properties),
            choices=dict(_choices(shape)),
            times=tuple(_inner_times(shape)),
            scalars=_scalars(shape, kind.id_place),
        )


def _time_writer(name: str, shape: SchemaShape) -> Callable[[int], Any] | None:
    """Return a function for the time of a call in a member, if it has one.

    A later event, such as the end, has no time yet if it may be null.
    """
    keywords, is_now = shape.keywords, _is_now(name)
    found = _TIMES.get(keywords.get("format", ""))
    if found is None and shape.type == "string" and is_now and _is_time_text(keywords):
        found = format_ms
    if found is None and shape.type == "integer" and is_now and "enum" not in keywords:
        shown = keywords.get("example", 0)
        in_ms = isinstance(shown, int) and shown >= _IN_MILLISECONDS
        found = (lambda now_ms: now_ms) if in_ms else _TIMES["unix-time"]
    return _no_time if found and shape.is_nullable and not is_now else found


def _is_now(name: str) -> bool:
    """Return whether a member of this name has the time of an item's creation or change."""
    plain = plain_name(name)
    return plain in _CHANGED or bool(_MADE.fullmatch(plain))


def _is_time_text(keywords: Mapping[str, Any]) -> bool:
    """Return whether a text without a known format may be a time, by its rules and its example."""
    shown, format_ = keywords.get("example", _TIME_TEXT), keywords.get("format", "datetime")
    is_short = keywords.get("maxLength", len(_TIME_TEXT)) < len(_TIME_TEXT)
    if is_short or "enum" in keywords or not re.search("date.?time", format_):
        return False
    return bool(
        isinstance(shown, str)
        and re.match(r"\d{4}-\d\d-\d\dT\d\d:", shown)
        and matches(keywords.get("pattern", ""), _TIME_TEXT)
    )


def _inner_times(shape: SchemaShape) -> Iterator[InnerTime]:
    """Yield the times that the server adds within members that callers send."""
    for name in shape.properties:
        holder = shape.member(name)
        if holder.type != "object" or holder.keywords.keys() & {"readOnly", "writeOnly"}:
            continue
        for inner in holder.properties:
            member = holder.member(inner)
            write = _time_writer(inner, member)
            is_own = bool(member.keywords.get("readOnly"))
            if write is not None and (is_own or inner in holder.required):
                yield InnerTime((name, inner), is_own, plain_name(inner) in _CHANGED, write)


def _no_time(_now_ms: int) -> None:
    return None


def _times(shape: SchemaShape, names: Iterable[str], now_ms: int) -> dict[str, Any]:
    """Return the times among some members of an object, each with that of a call."""
    writers = ((name, _time_writer(name, shape.member(name))) for name in names)
    return {name: write(now_ms) for name, write in writers if write is not None}


def _placed(item: Mapping[str, Any], place: Place, value: Any) -> dict[str, Any]:
    """Return an item with a value at a place, behind the members beside it."""
    name, *inner = place
    held = item.get(name)
    holder = held if isinstance(held, Mapping) else {}
    return {**item, name: _placed(holder, tuple(inner), value) if inner else value}


def _scalars(shape: SchemaShape, id_place: Place) -> dict[str, Place]:
    """Return the places of an item's texts and numbers, without that of its id."""
    holder = id_place[:-1]
    spots = [(holder, shape_at(shape, holder)), (WHOLE, shape)]
    found = {
        plain_name(name): (*place, name)
        for place, part in spots
        for name in part.properties
        if is_scalar(part.member(name))
    }
    return {name: place for name, place in found.items() if place != id_place}


def _choices(shape: SchemaShape) -> Iterator[tuple[str, Sequence[Any]]]:
    for name in shape.properties:
        keywords = shape.member(name).keywords
        if "const" in keywords:
            yield name, [keywords["const"]]
        elif "enum" in keywords:
            yield name, keywords["enum"]
