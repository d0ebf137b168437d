"""Finds single values sent but not taken: by enum, limit, pattern and format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.keyword_values import matches_pattern
from tallystick.gate.diff.merged_schema import LOWER_SIZES, UPPER_SIZES, Bound, MergedSchema

if TYPE_CHECKING:
    from tallystick.gate.diff.schema_differences import SchemaDifferences

MAX_LISTED = 5
"""Values that one message names."""

_MAX_LETTERS = 100

_OF_TYPE = {
    "minLength": "string",
    "maxLength": "string",
    "minItems": "array",
    "maxItems": "array",
    "minContains": "array",
    "maxContains": "array",
    "minProperties": "object",
    "maxProperties": "object",
}
_WIDER_FORMATS = frozenset(
    [("int32", "int64"), ("float", "double"), ("date", "date-time"), ("time", "date-time")]
)
_ANYTHING = re.compile(r"\^?(\(\?s\))?(\.|\[\\s\\S\]|\[\\S\\s\]|\[\\d\\D\]|\[\\w\\W\])?\*?\$?")
"""A pattern that every text matches."""


def find_value_differences(
    comparison: SchemaDifferences,
    source: MergedSchema,
    target: MergedSchema,
    comes: frozenset[str],
) -> Iterator[Difference]:
    """Yield the limits of the target open to breach by values of the source.

    `comes` are the types of these values.
    """
    yield from _find_enum(comparison, source, target)
    listed = None if source.enum is None else [*source.enum.values()]
    if judges(comes, target, {"integer", "fraction"}):
        yield from _find_bounds(comparison, source, target, listed)
        yield from _find_multiples(comparison, source, target)
    for keyword, (limit, node) in target.sizes.items():
        if judges(comes, target, {_OF_TYPE[keyword]}) and not _are_sized(listed, keyword, limit):
            yield from _find_size(comparison, source, keyword, limit, node)
    if judges(comes, target, {"string"}):
        yield from _find_patterns(comparison, source, target, listed)
    yield from _find_formats(comparison, source, target)


def judges(comes: frozenset[str], target: MergedSchema, own: set[str]) -> bool:
    """Return whether limits for values of some types count.

    They do where such values come, and where they can be meant for no others than the coming ones.
    """
    return bool(comes & own) or not target.types & own


def _find_enum(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema
) -> Iterator[Difference]:
    if target.enum is None:
        return
    nodes = (source.enum_node or source.node, target.enum_node)
    if source.enum is None:
        if not (source.types <= {"null"} and "null" in target.enum):
            words = {Side.REQUEST: "only listed values are taken", Side.ANSWER: "any may come"}
            kind = "const-set" if len(target.enum) == 1 else "enum-set"
            yield comparison.rule(kind, words[comparison.side], *nodes)
        return
    if lost := [name for name in source.enum if name not in target.enum]:
        said = {Side.REQUEST: "taken no longer", Side.ANSWER: "new"}[comparison.side]
        is_one = len(source.enum) == len(target.enum) == 1
        says = f"{list_shortly(lost)}: {said}"
        yield comparison.rule("const-changed" if is_one else "enum-changed", says, *nodes)


def list_shortly(names: list[str]) -> str:
    """Return the first names, and the number of the others."""
    more = len(names) - MAX_LISTED
    shown = ", ".join(_shortened(name) for name in names[:MAX_LISTED])
    return f"{shown} and {more} more" if more > 0 else shown


def _shortened(text: str) -> str:
    return text if len(text) <= _MAX_LETTERS else f"{text[:_MAX_LETTERS]}…"


def _find_bounds(
    comparison: SchemaDifferences,
    source: MergedSchema,
    target: MergedSchema,
    listed: list[Any] | None,
) -> Iterator[Difference]:
    for name, comes, taken, sign in (
        ("minimum", source.lower, target.lower, 1),
        ("maximum", source.upper, target.upper, -1),
    ):
        if taken is None or _are_within(listed, taken, sign):
            continue
        if comes is None:
            says = say_change(comparison.side, name, None, taken)
            yield comparison.rule("bound-set", says, source.node, taken.node)
        elif not _is_within(comes, taken, sign):
            says = say_change(comparison.side, name, comes, taken)
            yield comparison.rule("bound-changed", says, comes.node, taken.node)


def _is_within(own: Bound, limit: Bound, sign: int) -> bool:
    """Return whether a bound is as tight as another one; `sign` is 1 for a lower one, else -1."""
    difference = sign * (own.value - limit.value)
    return difference > 0 or (difference == 0 and (own.is_open or not limit.is_open))


def _are_within(listed: list[Any] | None, limit: Bound, sign: int) -> bool:
    if listed is None:
        return False
    numbers = [v for v in listed if isinstance(v, int | float) and not isinstance(v, bool)]
    return all(_is_within(Bound(number, False, limit.node), limit, sign) for number in numbers)


def _find_multiples(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema
) -> Iterator[Difference]:
    for number, node in target.multiples.items():
        if not any(_is_multiple(own, number) for own in source.multiples):
            own = next(iter(source.multiples), None)
            says = say_change(comparison.side, "multipleOf", own, number)
            place = source.node if own is None else source.multiples[own]
            yield comparison.rule("multiple-changed", says, place, node)


def _is_multiple(own: float, number: float) -> bool:
    return (Fraction(str(own)) / Fraction(str(number))).denominator == 1


def _find_size(
    comparison: SchemaDifferences, source: MergedSchema, keyword: str, limit: int, node: Node
) -> Iterator[Difference]:
    own, place = source.sizes.get(keyword, (None, source.node))
    if keyword in LOWER_SIZES and limit <= (own or 0):
        return
    if own is not None and keyword in UPPER_SIZES and own <= limit:
        return
    # No length is below 0, so that minLength is never set where none was.
    is_set = own is None and keyword != "minLength"
    says = say_change(comparison.side, keyword, own, limit)
    yield comparison.rule("bound-set" if is_set else "bound-changed", says, place, node)


def _are_sized(listed: list[Any] | None, keyword: str, limit: int) -> bool:
    if listed is None:
        return False
    sizes = [len(value) for value in listed if isinstance(value, str | list | dict)]
    return all(size >= limit if keyword in LOWER_SIZES else size <= limit for size in sizes)


def say_change(side: Side, name: str, source: object, target: object) -> str:
    """Return in words the old and the new value of a keyword."""
    old, new = (source, target) if side is Side.REQUEST else (target, source)
    was, is_ = ("none" if each is None else _shortened(str(each)) for each in (old, new))
    return f"its {name} was {was} and is {is_}"


def _find_patterns(
    comparison: SchemaDifferences,
    source: MergedSchema,
    target: MergedSchema,
    listed: list[Any] | None,
) -> Iterator[Difference]:
    for pattern, node in target.patterns.items():
        if pattern in source.patterns or _ANYTHING.fullmatch(pattern):
            continue
        if listed is not None and all(matches_pattern(pattern, value) for value in listed):
            continue
        own = next(iter(source.patterns), None)
        kind = "pattern-set" if own is None else "pattern-changed"
        says = say_change(comparison.side, "pattern", own, pattern)
        yield comparison.rule(kind, says, source.patterns.get(own or "", source.node), node)


def _find_formats(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema
) -> Iterator[Difference]:
    for format_, node in target.formats.items():
        is_narrower = any((own, format_) in _WIDER_FORMATS for own in source.formats)
        if format_ in source.formats or is_narrower or source.enum is not None:
            continue
        own = next(iter(source.formats), None)
        says = say_change(comparison.side, "format", own, format_)
        place = source.formats.get(own or "", source.node)
        yield comparison.rule("format-changed", says, place, node)
