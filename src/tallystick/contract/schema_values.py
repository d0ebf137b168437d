"""Values made from schemas: valid where the schema can be kept, and the same for the same seed."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from rstr import Rstr

from tallystick.contract.error_codes import Node
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.contract.schema_shape import SchemaShape

MAX_VALUES = 2_000
"""Values that one value is made of; past them only required members are made."""

MAX_DEPTH = 4
"""Levels down to which optional members are made."""

MAX_CHECKS = 300
"""Examples and alternatives that one value is judged by; past them the first ones are taken."""

MAX_FORMS = 8
"""Alternatives of one schema that are tried."""

_ATTEMPTS = 5
_SPAN = 1_000
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WORDS = "amber birch cedar delta ember fjord grove heron indigo juniper kestrel linden".split()


class SchemaValues:
    """Makes values of the schemas of one contract."""

    def __init__(self, root: Node, definitions: Mapping[str, Any]) -> None:
        """`root`: the document; `definitions`: its schemas, as `to_json_schema` gives them."""
        self._root = root
        self._definitions = definitions

    def make_value(self, schema: Node, seed: str, *, examples: bool = True) -> Any:
        """Return a value of the schema; `examples`: take the schema's own, where it has some.

        Where several attempts break the schema, the last one is returned all the same.
        """
        validator = self.validator(schema)
        value = None
        for attempt in range(_ATTEMPTS):
            random = Random(f"{seed} {attempt}")
            fits = self._fits if attempt else None
            maker = _ValueMaker(self._root, random, examples and attempt <= 1, fits)
            value = maker.make(schema)
            if validator.is_valid(value):
                break
        return value

    def validator(self, schema: Node) -> Schema:
        """Return the validator of a schema's values."""
        return Schema(to_json_schema(schema), self._definitions)

    def fit_value(self, schema: Node, known: Mapping[str, Any], seed: str) -> Any:
        """Return a value of the schema that has as many of the known members as it takes."""
        validator = self.validator(schema)
        if validator.is_valid(known):
            return known
        value = None
        for checks in (False, True):
            maker = _ValueMaker(self._root, Random(seed), True, self._fits, checks)
            value = maker.make(schema, known)
            if validator.is_valid(value):
                break
        return value

    def _fits(self, schema: Any, value: Any) -> bool:
        return self.validator(schema if isinstance(schema, Mapping) else {}).is_valid(value)


_NAMES = ("name", "login", "username", "userName", "slug", "key", "title", "id")
"""Members by which callers name an object in a text."""


class _ValueMaker:
    """Makes one value, within a budget."""

    def __init__(
        self,
        root: Node,
        random: Random,
        examples: bool,
        fits: Callable[[Any, Any], bool] | None,
        checks: bool = True,
    ) -> None:
        """`fits(schema, value)` judges a part; with `checks`, examples and alternatives too."""
        self._root = root
        self._random = random
        self._examples = examples
        self._fits = fits or (lambda _schema, _value: False)
        self._checks = MAX_CHECKS if fits and checks else 0
        self._budget = MAX_VALUES

    def make(self, schema: Any, known: Any = None) -> Any:
        return self._make(schema, known, ())

    def _make(self, schema: Any, known: Any, above: tuple[str, ...]) -> Any:
        """Make a value of the first alternatives, and while it breaks the schema of the next."""
        shape = SchemaShape(schema, self._root)
        value = self._make_form(schema, shape, known, above)
        for turn in range(1, min(shape.forms, MAX_FORMS)):
            if self._checks <= 0 or self._is_right(schema, value):
                break
            form = SchemaShape(schema, self._root, turn)
            value = self._make_form(schema, form, known, above)
        return value

    def _is_right(self, schema: Any, value: Any) -> bool:
        self._checks -= 1
        return self._fits(schema, value)

    def _make_form(
        self, schema: Any, shape: SchemaShape, known: Any, above: tuple[str, ...]
    ) -> Any:
        self._budget -= 1
        keywords = shape.keywords
        if isinstance(known, str) and shape.type == "object":
            known = self._named(shape, known)
        if not isinstance(known, Mapping | list):
            known = None  # a part that is not taken as it is has nothing to build on
            given = self._given(schema, keywords)
            if given is not _NOTHING:
                return given
        kind = shape.type
        if kind == "array":
            return self._array(shape, [known] if isinstance(known, Mapping) else known, above)
        if kind == "object" or isinstance(known, Mapping):
            return self._object(shape, known if isinstance(known, Mapping) else None, above)
        if self._examples and kind == "string" and "pattern" in keywords:
            word = self._random.choice(_WORDS)
            if _takes_word(keywords, word):
                return word
        make = _SCALARS.get(kind)
        return make(self._random, keywords) if make else self._random.choice(_WORDS)

    def _named(self, shape: SchemaShape, text: str) -> Mapping[str, str] | None:
        """Return a text as the member of an object by which callers name it, if it has one."""
        for name in _NAMES:
            if name in shape.properties and self._fits(shape.properties[name], text):
                return {name: text}
        return None

    def _given(self, schema: Any, keywords: Mapping[str, Any]) -> Any:
        if "const" in keywords:
            return keywords["const"]
        if self._examples:
            for example in _examples(keywords):
                if self._checks <= 0 or self._is_right(schema, example):
                    return example
        if keywords.get("enum"):
            options = keywords["enum"]
            return options[0] if self._examples else self._random.choice(options)
        return _NOTHING

    def _object(
        self, shape: SchemaShape, known: Mapping[str, Any] | None, above: tuple[str, ...]
    ) -> dict[str, Any]:
        below = (*above, *shape.references)
        made = {}
        for name, schema in shape.properties.items():
            if known is not None and name in known and self._fits(schema, known[name]):
                made[name] = known[name]
            elif name in shape.required or self._is_wanted(name, shape.member(name), known, below):
                inner = known.get(name) if known else None
                made[name] = self._make(schema, inner, below)
        if known:
            made |= self._further(shape, known)
        return self._filled(shape, made, below)

    def _is_wanted(
        self,
        name: str,
        member: SchemaShape,
        known: Mapping[str, Any] | None,
        above: tuple[str, ...],
    ) -> bool:
        """Whether an optional member is made: none that leads back.

        Of a known object it is one alone that is an object there and here, and fits in part, or
        that a text there names.
        """
        if known is not None:
            of, text = member, known.get(name)
            if isinstance(text, list) and text and member.type == "array":
                of, text = member.items(), text[0]
            if isinstance(text, str):
                return of.type == "object" and self._named(of, text) is not None
            return isinstance(known.get(name), Mapping) and bool(member.properties)
        is_within = len(above) <= MAX_DEPTH and self._budget > 0
        leads_back = any(reference in above for reference in member.references)
        return is_within and not leads_back and not member.keywords.get("writeOnly")

    def _further(self, shape: SchemaShape, known: Mapping[str, Any]) -> Mapping[str, Any]:
        """The known members taken by the object without declaring them."""
        more = shape.keywords.get("additionalProperties", True)
        if more is False or shape.keywords.get("unevaluatedProperties") is False:
            return {}
        others = {n: v for n, v in known.items() if n not in shape.properties}
        return {n: v for n, v in others.items() if more is True or self._fits(more, v)}

    def _filled(
        self, shape: SchemaShape, made: dict[str, Any], below: tuple[str, ...]
    ) -> dict[str, Any]:
        """The object with as many further members as it must have at least."""
        more = shape.keywords.get("additionalProperties")
        missing = [name for name in shape.required if name not in made]
        least = shape.keywords.get("minProperties", 0) - len(made) - len(missing)
        missing += [f"{self._random.choice(_WORDS)}{n}" for n in range(max(0, least))]
        for name in missing:
            made[name] = self._make(more if isinstance(more, Mapping) else {}, None, below)
        return made

    def _array(self, shape: SchemaShape, known: Any, above: tuple[str, ...]) -> list[Any]:
        items = shape.keywords.get("items", {})
        if isinstance(known, list):
            return [
                each if self._fits(items, each) else self._make(items, each, above)
                for each in known
            ]
        first = [self._make(each, None, above) for each in shape.keywords.get("prefixItems", ())]
        least = max(shape.keywords.get("minItems", 0) - len(first), 0)
        below = (*above, *shape.references)
        leads_back = any(r in below for r in shape.items().references)
        most = max(shape.keywords.get("maxItems", least + 1) - len(first), 0)
        count = least if leads_back or self._budget <= 0 or items is False else max(least, 1)
        made = [self._make(items, None, below) for _ in range(min(count, most))]
        if shape.keywords.get("uniqueItems"):
            made = self._distinct(items, made, below)
        return first + made

    def _distinct(self, items: Any, made: list[Any], below: tuple[str, ...]) -> list[Any]:
        distinct: list[Any] = []
        for each in made:
            value, attempts = each, 0
            while value in distinct and attempts < _ATTEMPTS:
                attempts += 1
                self._examples = False
                value = self._make(items, None, below)
            distinct.append(value)
        return distinct


_NOTHING = object()


def _examples(keywords: Mapping[str, Any]) -> Iterator[Any]:
    if "example" in keywords:
        yield keywords["example"]
    if isinstance(keywords.get("examples"), list):
        yield from keywords["examples"]
    if "default" in keywords:
        yield keywords["default"]


def _number(random: Random, keywords: Mapping[str, Any]) -> Any:
    low, high = _bounds(keywords, 1e-6)
    step = keywords.get("multipleOf")
    if step:
        return _multiple(random, low, high, step)
    return round(random.uniform(low, high), 2) if high - low > 1 else (low + high) / 2


def _integer(random: Random, keywords: Mapping[str, Any]) -> int:
    low, high = _bounds(keywords, 1)
    step = keywords.get("multipleOf") or 1
    return int(_multiple(random, math.ceil(low), math.floor(high), step))


def _multiple(random: Random, low: float, high: float, step: float) -> float:
    first, last = math.ceil(low / step), math.floor(high / step)
    return random.randint(first, max(first, last)) * step


def _bounds(keywords: Mapping[str, Any], least: float) -> tuple[float, float]:
    """The lowest and the highest value; bounds that are excluded are `least` away."""
    low, high = keywords.get("minimum"), keywords.get("maximum")
    above, below = keywords.get("exclusiveMinimum"), keywords.get("exclusiveMaximum")
    if above is True and low is not None:
        low += least
    elif above is not None and not isinstance(above, bool):
        low = above + least
    if below is True and high is not None:
        high -= least
    elif below is not None and not isinstance(below, bool):
        high = below - least
    if low is None:
        low = min(1, high) if high is not None else 1
    return low, high if high is not None else low + _SPAN


def _string(random: Random, keywords: Mapping[str, Any]) -> str:
    make = _FORMATS.get(keywords.get("format", ""))
    text = make(random) if make else _patterned(random, keywords)
    least, most = keywords.get("minLength", 0), keywords.get("maxLength")
    if len(text) < least:
        text += "".join(random.choice("abcdefghij") for _ in range(min(least, 100_000) - len(text)))
    return text if most is None else text[:most]


def _takes_word(keywords: Mapping[str, Any], word: str) -> bool:
    """Return whether a word keeps a text's pattern, so that nothing needs to be drawn by it."""
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", len(word))
    if "format" in keywords or not least <= len(word) <= most:
        return False
    return matches(keywords["pattern"], word)


def matches(pattern: str, text: str) -> bool:
    """Return whether a short text keeps a pattern; False for one that Python can't read."""
    try:
        return re.search(pattern, text) is not None
    except (re.error, OverflowError, RecursionError):
        return False


def _patterned(random: Random, keywords: Mapping[str, Any]) -> str:
    pattern = keywords.get("pattern")
    if pattern is None:
        return random.choice(_WORDS)
    try:
        text: str = Rstr(random).xeger(_bounded(pattern, keywords.get("maxLength", 30)))
    except (re.error, ValueError, KeyError, OverflowError, TypeError, RecursionError):
        return random.choice(_WORDS)  # ECMA's expressions are not all Python's
    return text


def _bounded(pattern: str, most: int) -> str:
    """The pattern with shorter runs, of which a generator would make a hundred characters."""
    most = min(most, 30)
    whole = pattern if pattern.startswith("^") else f"[a-z]{{0}}{pattern}"
    whole = re.sub(r"(?<!\\)\+\??(?=\)*\$?$)", f"{{1,{max(most, 1)}}}", whole)
    whole = re.sub(r"(?<!\\)\*\??(?=\)*\$?$)", f"{{0,{most}}}", whole)
    return _INNER_RUN.sub(lambda run: run[1] or _SHORT[run[2]], whole)


_INNER_RUN = re.compile(r"(\\.|\[(?:\\.|[^\]\\])*\])|([+*])\??", re.DOTALL)
"""A run without an end; or what only looks like one: an escape, or a set of characters."""

_SHORT = {"+": "{1,3}", "*": "{0,3}"}


def _moment(random: Random) -> datetime:
    return _START + timedelta(seconds=random.randrange(31_536_000))


_FORMATS: Mapping[str, Callable[[Random], str]] = {
    "date-time": lambda r: _moment(r).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda r: _moment(r).strftime("%Y-%m-%d"),
    "time": lambda r: _moment(r).strftime("%H:%M:%SZ"),
    "duration": lambda r: f"PT{r.randint(1, 59)}M",
    "uuid": lambda r: str(UUID(int=r.getrandbits(128), version=4)),
    "email": lambda r: f"{r.choice(_WORDS)}@example.com",
    "idn-email": lambda r: f"{r.choice(_WORDS)}@example.com",
    "hostname": lambda r: f"{r.choice(_WORDS)}.example.com",
    "idn-hostname": lambda r: f"{r.choice(_WORDS)}.example.com",
    "ipv4": lambda r: f"192.0.2.{r.randint(1, 254)}",
    "ipv6": lambda r: f"2001:db8::{r.randint(1, 9999):x}",
    "uri": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "url": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "iri": lambda r: f"https://example.com/{r.choice(_WORDS)}",
    "uri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "iri-reference": lambda r: f"/{r.choice(_WORDS)}",
    "uri-template": lambda r: f"/{r.choice(_WORDS)}/{{id}}",
    "json-pointer": lambda r: f"/{r.choice(_WORDS)}",
    "relative-json-pointer": lambda r: f"0/{r.choice(_WORDS)}",
    "regex": lambda r: f"^{r.choice(_WORDS)}$",
    "byte": lambda r: base64.b64encode(r.choice(_WORDS).encode()).decode(),
}

_SCALARS: Mapping[str, Callable[[Random, Mapping[str, Any]], Any]] = {
    "integer": _integer,
    "number": _number,
    "string": _string,
    "boolean": lambda random, _: random.choice((True, False)),
    "null": lambda _random, _keywords: None,
}
