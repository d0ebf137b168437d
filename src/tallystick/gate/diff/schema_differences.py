"""Finds where one schema refuses values of another.

Of a request the old schema's values must fit the new one: a caller sends them still. Of an answer
the new schema's values must fit the old one: a reader knows no others. So one comparison does for
both, its two schemas exchanged: `source` is of values sent, `target` of values taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from tallystick.contract.reader.references import Node
from tallystick.gate.change import Level
from tallystick.gate.diff.alternatives import MAX_ALTERNATIVES, MergedSchemas
from tallystick.gate.diff.candidates import Candidates
from tallystick.gate.diff.condition_differences import find_condition_differences
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.discriminator_differences import (
    find_discriminator_differences,
    list_all_names,
    list_names,
)
from tallystick.gate.diff.member_differences import find_member_differences
from tallystick.gate.diff.merged_schema import ATOMS, MergedSchema, Nodes
from tallystick.gate.diff.rules import find_rule
from tallystick.gate.diff.unchanged_parts import UnchangedParts
from tallystick.gate.diff.value_differences import find_value_differences, judges
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

MAX_DEPTH = 40
"""Levels compared at once; deeper ones wait for their turn."""

MAX_PAIRS = 200_000
"""Pairs of schemas and of alternatives compared on one side of two documents."""

_AS_TEXT = frozenset("integer fraction boolean string".split())
"""Kinds of values that are text in a query, a path or a header."""

Found = tuple[Difference, ...]


class SchemaDifferences:
    """Compares schemas of two documents on one side, each pair once."""

    def __init__(
        self, old: OpenApiDocument, new: OpenApiDocument, side: Side, unchanged: UnchangedParts
    ) -> None:
        self.side = side
        self._old, self._new = old, new
        self._unchanged = unchanged
        old_schemas, new_schemas = MergedSchemas(old), MergedSchemas(new)
        is_request = side is Side.REQUEST
        self.sources = old_schemas if is_request else new_schemas
        self.targets = new_schemas if is_request else old_schemas
        self.waiting: list[tuple[Nodes, Nodes]] = []
        """Pairs of schemas that were too deep so far."""
        self._found: dict[tuple[object, ...], Found] = {}

    def find(
        self, where: str, old: Nodes, new: Nodes, *, is_text: bool = False
    ) -> list[Difference]:
        """Return the differences of two schemas; raise `NotUnderstood`.

        With `is_text` values are sent as text: a number looks like a string there.
        """
        source, target = (old, new) if self.side is Side.REQUEST else (new, old)
        found = [each.below(where) for each in self.compare(source, target, 0, is_text)]
        while self.waiting or self._opposite.waiting:
            for comparison in (self, self._opposite):
                found += (each.below(f"{where}…") for each in comparison.compare_waiting())
        return found

    def compare_waiting(self) -> list[Difference]:
        """Return the differences of the waiting pairs."""
        waiting, self.waiting = self.waiting, []
        return [each for pair in waiting for each in self.compare(*pair, 0)]

    @cached_property
    def _opposite(self) -> SchemaDifferences:
        """Return the comparison with source and target exchanged."""
        side = Side.ANSWER if self.side is Side.REQUEST else Side.REQUEST
        found = SchemaDifferences(self._old, self._new, side, self._unchanged)
        found.__dict__["_opposite"] = self
        return found

    def compare(self, sources: Nodes, targets: Nodes, depth: int, is_text: bool = False) -> Found:
        """Return the differences of source and target, each pair compared once."""
        if not (sources or targets) or _are_plainly_equal(sources, targets):
            return ()
        sources, targets = self.sources.resolve(sources), self.targets.resolve(targets)
        if self._are_unchanged(sources, targets):
            return ()
        key = ("nodes", *(node.key for node in (*sources, *targets)), len(sources), is_text)
        if key in self._found:
            return self._found[key]
        if depth > MAX_DEPTH:
            self.waiting.append((sources, targets))
            return ()
        self._begin(key, (*sources, *targets)[0])
        comes, taken = self._alternatives(sources, targets)
        found = _unique(self._compare_alternatives(comes, taken, depth, is_text))
        self._found[key] = found
        return found

    def _begin(self, key: tuple[object, ...], node: Node) -> None:
        """Note a pair, which differs as it does here where it leads back to itself."""
        if len(self._found) >= MAX_PAIRS:
            raise NotUnderstood(node, f"over {MAX_PAIRS:,} pairs of schemas would be compared")
        self._found[key] = ()

    def _are_unchanged(self, sources: Nodes, targets: Nodes) -> bool:
        if len(sources) != 1 or len(targets) != 1:
            return False
        pair = (sources[0], targets[0])
        return self._unchanged.has(*(pair if self.side is Side.REQUEST else pair[::-1]))

    def _alternatives(
        self, sources: Nodes, targets: Nodes
    ) -> tuple[list[MergedSchema], list[MergedSchema]]:
        anchor = (*sources, *targets)[0]
        comes = self.sources.list_alternatives(sources) if sources else [_any(anchor)]
        taken = self.targets.list_alternatives(targets) if targets else [_any(anchor)]
        return comes, taken

    def _compare_alternatives(
        self, comes: list[MergedSchema], taken: list[MergedSchema], depth: int, is_text: bool
    ) -> Iterator[Difference]:
        if len(comes) == 1 and len(taken) == 1:
            yield from self._compare_pair(comes[0], taken[0], depth, is_text)
            return
        unchanged = self._list_unchanged(comes, taken, depth, is_text)
        candidates = Candidates(comes, taken, unchanged)
        is_fewer = len(comes) > len(taken) and candidates.are_named
        known = list_all_names(taken, self.targets) if len(comes) > 1 else frozenset()
        for number, schema in enumerate(comes):
            # Of alternatives that look alike a reader of anyOf tells none from the other.
            is_told = self.side is Side.REQUEST or schema.group != "anyOf"
            is_gone = is_fewer and is_told and schema.label != ""
            if not candidates.know(schema.label) and (is_gone or self._is_strange(schema, known)):
                yield self._misfit_of(schema, taken[0])
                continue
            for piece in _split(schema) if len(taken) > 1 else [schema]:
                found: list[tuple[MergedSchema, Found]] = []
                for each in candidates.list_for(number, schema):
                    found.append((each, self._compare_pair(piece, each, depth, is_text)))
                    if _fits(found[-1][1]):
                        break
                yield from self._find_misfit(piece, found, (len(comes), len(taken)))

    def _is_strange(self, schema: MergedSchema, known: frozenset[str]) -> bool:
        """Return whether a discriminator names an alternative by none of the known names."""
        names = list_names(schema, self.sources) if known else frozenset()
        return bool(names) and names.isdisjoint(known)

    def _list_unchanged(
        self, comes: list[MergedSchema], taken: list[MergedSchema], depth: int, is_text: bool
    ) -> list[int]:
        """Return the places of unchanged alternatives, in lists of one length."""
        if len(comes) != len(taken):
            return []
        pairs = enumerate(zip(comes, taken, strict=True))
        return [n for n, pair in pairs if not self._compare_pair(*pair, depth, is_text)]

    def _find_misfit(
        self,
        piece: MergedSchema,
        found: list[tuple[MergedSchema, Found]],
        counts: tuple[int, int],
    ) -> Iterator[Difference]:
        """Yield why an alternative fits none of those compared with it, if it doesn't.

        The last one fits, if any does. `counts` are the numbers of alternatives on both sides.
        """
        if _fits(found[-1][1]):
            yield from found[-1][1]
            return
        first, differences = found[0]
        of_type = [each for each in found if piece.types & each[0].types]
        is_one_of_a_pair = piece.label == first.label and (piece.label or counts[0] == counts[1])
        if not of_type and piece.types != ATOMS:
            yield self._type_difference(piece, first, piece.types)
        elif is_one_of_a_pair:
            yield from differences
        elif counts[0] == 1 and of_type:
            yield from min((each[1] for each in of_type), key=len)
        else:
            yield self._misfit_of(piece, first)

    def _misfit_of(self, piece: MergedSchema, first: MergedSchema) -> Difference:
        name = piece.label.rpartition("/")[2] or "one"
        words = {
            Side.REQUEST: ("request-variant-removed", f"the alternative {name} is taken no longer"),
            Side.ANSWER: ("answer-variant-added", f"the alternative {name} comes too"),
        }
        return self.difference(*words[self.side], piece.node, first.node)

    def difference(
        self, rule: str, says: str, source: Node | None, target: Node | None
    ) -> Difference:
        """Return a difference by a rule of its own."""
        old, new = (source, target) if self.side is Side.REQUEST else (target, source)
        return Difference(rule, "", says, old, new)

    def rule(self, kind: str, says: str, source: Node | None, target: Node | None) -> Difference:
        """Return a difference by this side's rule of a kind."""
        if self.side is Side.ANSWER:
            kind = kind.replace("-set", "-removed")  # a limit that comes no longer is gone
        return self.difference(f"{self.side}-{kind}", says, source, target)

    def _compare_pair(
        self, source: MergedSchema, target: MergedSchema, depth: int, is_text: bool
    ) -> Found:
        key = (source.key, target.key, is_text)
        if key not in self._found:
            self._begin(key, target.node)
            self._found[key] = _unique(self._find(source, target, depth, is_text))
        return self._found[key]

    def _find(
        self, source: MergedSchema, target: MergedSchema, depth: int, is_text: bool
    ) -> Iterator[Difference]:
        comes = _implied_types(source)
        taken = target.types | _AS_TEXT if is_text and "string" in target.types else target.types
        if comes - taken:
            yield self._type_difference(source, target, comes - taken)
        if not comes & taken:
            return
        yield from find_value_differences(self, source, target, comes)
        yield from find_discriminator_differences(self, source, target, depth)
        if judges(comes, target, {"array"}):
            yield from self._find_items(source, target, depth, is_text)
        if judges(comes, target, {"object"}):
            yield from find_member_differences(self, source, target, depth, is_text)
        yield from find_condition_differences(self, source, target, depth)

    def _type_difference(
        self, source: MergedSchema, target: MergedSchema, missing: frozenset[str]
    ) -> Difference:
        nodes = (source.type_node or source.node, target.type_node or target.node)
        if missing == {"null"}:
            words = {Side.REQUEST: "null is taken no longer", Side.ANSWER: "it may be null"}
            return self.rule("null-changed", words[self.side], *nodes)
        old, new = (source, target) if self.side is Side.REQUEST else (target, source)
        says = f"its type was {_type(old.types)} and is {_type(new.types)}"
        return self.rule("type-changed", says, *nodes)

    def _find_items(
        self, source: MergedSchema, target: MergedSchema, depth: int, is_text: bool
    ) -> Iterator[Difference]:
        unique = target.flags.get("uniqueItems")
        if unique and "uniqueItems" not in source.flags:
            words = {Side.REQUEST: "its items must differ", Side.ANSWER: "items may come twice"}
            yield self.rule("unique-changed", words[self.side], source.node, unique)
        for number in sorted(source.first_items.keys() | target.first_items.keys()):
            pair = [own.first_items.get(number, own.items) for own in (source, target)]
            for each in self.compare(pair[0], pair[1], depth + 1):
                yield each.below(f"[{number}]")
        for each in self.compare(source.items, target.items, depth + 1, is_text):
            yield each.below("[]")

    def fits(self, source: Node, target: Node, depth: int) -> bool:
        """Return whether one schema's values fit another one."""
        return _fits(self.compare((source,), (target,), depth + 1))

    def is_same_both_ways(self, source: Node, target: Node, depth: int) -> bool:
        """Return whether two schemas take the same values."""
        there = self.compare((source,), (target,), depth + 1)
        back = self._opposite.compare((target,), (source,), depth + 1)
        return not there and not back


def _are_plainly_equal(sources: Nodes, targets: Nodes) -> bool:
    """Return whether two schemas are written alike and hold no other: most are and do."""
    if len(sources) != 1 or len(targets) != 1 or sources[0].value != targets[0].value:
        return False
    return _is_leaf(sources[0].value)


def _is_leaf(value: Any) -> bool:
    """Return whether a schema is written without any other schema in it."""
    return (
        isinstance(value, dict)
        and "$ref" not in value
        and not any(isinstance(part, dict | list) for part in value.values())
    )


def _any(anchor: Node) -> MergedSchema:
    """Return the schema of any value, at a place where none is written."""
    return MergedSchema(anchor, ("any",))


def _implied_types(schema: MergedSchema) -> frozenset[str]:
    """Return the types of values sent: a schema with members alone means an object, and so on."""
    types = schema.types
    if schema.type_node is None and schema.enum is None:
        if schema.properties:
            types = types & {"object"}
        elif schema.items:
            types = types & {"array"}
    if schema.enum is None:
        return types
    return frozenset(atom for atom in types if _has_type(schema.enum.values(), atom))


def _has_type(values: Iterable[Any], atom: str) -> bool:
    return any(atom == _atom(value) for value in values)


def _atom(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, float) and value.is_integer():
        return "integer"
    kinds = {str: "string", int: "integer", float: "fraction", list: "array", dict: "object"}
    return kinds.get(type(value), "null")


def _split(schema: MergedSchema) -> list[MergedSchema]:
    """Return a schema as one for each of its values or types."""
    if schema.enum is not None:
        if len(schema.enum) > MAX_ALTERNATIVES:
            message = f"over {MAX_ALTERNATIVES:,} listed values meet alternatives"
            raise NotUnderstood(schema.enum_node or schema.node, message)
        return [schema.of_value(name, value) for name, value in schema.enum.items()]
    if schema.types == ATOMS:
        return [schema]
    return [schema.of_type(type_) for type_ in sorted(schema.types)]


def _fits(found: Iterable[Difference]) -> bool:
    """Return whether all values are taken, also by another default."""
    harmful = (Level.BREAKING, Level.WARNING)
    rules = (each.rule for each in found if each.rule != "request-default-changed")
    return not any(find_rule(rule).level in harmful for rule in rules)


def _unique(found: Iterable[Difference]) -> Found:
    return tuple({each.key: each for each in found}.values())


def _type(types: frozenset[str]) -> str:
    if types == ATOMS:
        return "any"
    names = {"fraction": "number"} if "fraction" in types else {}
    said = {names.get(each, each) for each in types}
    return " or ".join(sorted(said - ({"integer"} if "number" in said else set()))) or "none"
