"""Filters written as an expression: ``state eq 'open' and not (price gt 5)``.

It reads what OData, SCIM, AIP-160 and the searches of many APIs have in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from tallystick.apis.generic.comparisons import COMPARISONS, Test
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

MAX_TOKENS = 200
"""Words and signs of an expression."""

MAX_STEPS = 20
"""Members on the way to a value."""

MAX_DEPTH = 20
"""Brackets within each other."""

EXPRESSIONS = frozenset({"filter", "q", "query"})
"""Names of parameters for an expression, without their signs and case."""

_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\")"
    r"|(?P<sign>[()\[\],]|[<>!]=|==|[=<>:])"
    r"|(?P<word>\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)?|[^\s()\[\],=<>!:'\"]+))"
)
_SIGNS = {
    "=": "eq", "==": "eq", ":": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge",
}  # fmt: skip
_PRESENT = "pr"
_FUNCTIONS = frozenset({"contains", "endswith", "startswith"})
_WORDS = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class ExpressionFilter:
    """The items of an expression."""

    takes: Callable[[Item], bool]
    fragment: bytes = b""
    """Bytes in the JSON of each of them: none are known."""


def read_expression(parameter: str, value: Any, shape: SchemaShape) -> ExpressionFilter | None:
    """Return the filter in a query parameter; None if it is no expression about known members."""
    if plain_name(parameter) not in EXPRESSIONS or not isinstance(value, str):
        return None
    try:
        reader = _Reader(value)
        test = reader.read_any(shape, 0)
    except Unread:
        return None
    return None if reader.token[0] else ExpressionFilter(test)


class Unread(Exception):
    """The text names no known members, or is no expression."""


class _Reader:
    """Reads an expression from left to right."""

    def __init__(self, text: str) -> None:
        self._tokens = islice(_tokens(text), MAX_TOKENS + 1)
        self._left = MAX_TOKENS
        self.token = ("", "")
        self._next()

    def _next(self) -> str:
        """Return the text of the token at hand, and go on to the next one."""
        self._left -= 1
        if self._left < 0:
            raise Unread
        text = self.token[1]
        self.token = next(self._tokens, ("", ""))
        return text

    def _takes(self, *texts: str) -> bool:
        """Return whether the token is one of some words or signs; if so, go on to the next."""
        is_one = self.token[0] != "text" and self.token[1].lower() in texts
        if is_one:
            self._next()
        return is_one

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise Unread

    def read_any(self, shape: SchemaShape, depth: int) -> Test:
        """Read parts with ``or`` between them."""
        tests = [self._read_all(shape, depth)]
        while self._takes("or"):
            tests.append(self._read_all(shape, depth))
        return lambda item: any(test(item) for test in tests)

    def _read_all(self, shape: SchemaShape, depth: int) -> Test:
        """Read parts with ``and``, or nothing, between them."""
        tests = [self._read_one(shape, depth)]
        while self._takes("and") or (self.token[0] and not self._is_end()):
            tests.append(self._read_one(shape, depth))
        return lambda item: all(test(item) for test in tests)

    def _is_end(self) -> bool:
        return self.token[0] != "text" and self.token[1].lower() in (")", "]", "or")

    def _read_one(self, shape: SchemaShape, depth: int) -> Test:
        if depth > MAX_DEPTH:
            raise Unread
        if self._takes("not"):
            test = self._read_one(shape, depth + 1)
            return lambda item: not test(item)
        if self._takes("("):
            inner = self.read_any(shape, depth + 1)
            self._expect(")")
            return inner
        kind, name = self.token
        if kind != "word":
            raise Unread
        self._next()
        if name.lower() in _FUNCTIONS and self._takes("("):
            return self._read_function(name.lower(), shape)
        return self._read_comparison(name, shape, depth)

    def _read_function(self, name: str, shape: SchemaShape) -> Test:
        """Read ``contains(name,'x')`` behind its bracket."""
        find, _ = way_to(self._next(), shape)
        self._expect(",")
        test = _comparing(find, name, self._read_value())
        self._expect(")")
        return test

    def _read_comparison(self, name: str, shape: SchemaShape, depth: int) -> Test:
        find, found = way_to(name, shape)
        if self._takes("["):
            test = self.read_any(found.items(), depth + 1)
            self._expect("]")
            return lambda item: any(test(each) for each in find(item))
        word = self._next().lower()
        if word == _PRESENT:
            return lambda item: any(each not in (None, "", [], {}) for each in find(item))
        operator = _SIGNS.get(word, word)
        if operator not in COMPARISONS:
            raise Unread
        return _comparing(find, operator, self._read_value())

    def _read_value(self) -> Any:
        kind = self.token[0]
        text = self._next()
        if kind == "text":
            quote = text[0]
            return (
                text[1:-1].replace("''", "'")
                if quote == "'"
                else re.sub(r"\\(.)", r"\1", text[1:-1])
            )
        if kind != "word":
            raise Unread
        return _WORDS.get(text.lower(), text)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the text of each token."""
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise Unread
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _comparing(find: Callable[[Any], list[Any]], operator: str, wanted: Any) -> Test:
    test = COMPARISONS[operator](wanted)
    hold = all if operator == "ne" else any
    return lambda item: hold(map(test, find(item) or [None]))


def way_to(name: str, shape: SchemaShape) -> tuple[Callable[[Any], list[Any]], SchemaShape]:
    """Return a search for the values of a member such as ``name.familyName``, and its shape."""
    steps: list[str] = []
    for step in re.split(r"[./]", name, maxsplit=MAX_STEPS):
        within = shape.items() if shape.type == "array" else shape
        plain = plain_name(step)
        known = [each for each in within.properties if plain_name(each) == plain]
        if not known:
            raise Unread
        steps.append(step if step in known else known[0])
        shape = within.member(steps[-1])

    def find(item: Any) -> list[Any]:
        values = [item]
        for step in steps:
            objects = [each for each in _flat(values) if isinstance(each, Mapping)]
            values = [each[step] for each in objects if step in each]
        return [*_flat(values)]

    return find, shape


def _flat(values: list[Any]) -> Iterator[Any]:
    for value in values:
        yield from value if isinstance(value, list) else [value]
