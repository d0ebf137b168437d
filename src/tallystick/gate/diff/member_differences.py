"""Finds lost, newly required and refused members of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from tallystick.gate.diff.alternatives import MergedSchemas
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.keyword_values import matches_pattern, name_value
from tallystick.gate.diff.merged_schema import MergedSchema, Nodes
from tallystick.gate.diff.value_differences import say_change

if TYPE_CHECKING:
    from tallystick.gate.diff.schema_differences import SchemaDifferences

_LEADING = frozenset(("$ref", "allOf", "anyOf", "oneOf"))
"""Keywords that lead to further schemas of the same value."""

_HIDING = {Side.REQUEST: "readOnly", Side.ANSWER: "writeOnly"}
"""The flag of a member that is none of a request, or of an answer."""


class MemberSets(NamedTuple):
    """An object's schema, and its members sent by one side."""

    schema: MergedSchema
    members: dict[str, Nodes]

    def hides(self, name: str) -> bool:
        """Return whether a member is one of the other side alone."""
        return name in self.schema.properties and name not in self.members


def find_member_differences(
    comparison: SchemaDifferences,
    source: MergedSchema,
    target: MergedSchema,
    depth: int,
    is_text: bool,
) -> Iterator[Difference]:
    """Yield how members of the source may be refused by the target."""
    comes = MemberSets(source, _list_members(source, comparison.sources, comparison.side))
    taken = MemberSets(target, _list_members(target, comparison.targets, comparison.side))
    yield from _find_required(comparison, comes, taken)
    for name, nodes in comes.members.items():
        if name in taken.members:
            for each in comparison.compare(nodes, taken.members[name], depth + 1, is_text):
                yield each.below(f".{name}")
    old, new = (comes, taken) if comparison.side is Side.REQUEST else (taken, comes)
    for name in old.members:
        if name not in new.members:
            yield from _find_gone(comparison, name, old, new, depth)
        else:
            yield from _find_words(comparison, name, old, new)
    for name, nodes in new.members.items():
        if name not in old.members:
            says = f"it belongs to the {comparison.side} now" if old.hides(name) else "it is new"
            rule = f"{comparison.side}-property-added"
            yield Difference(rule, f".{name}", says, None, nodes[0])
    yield from _find_by_pattern(comparison, source, target, depth)
    yield from _find_further(comparison, source, target, depth)


def _list_members(schema: MergedSchema, schemas: MergedSchemas, side: Side) -> dict[str, Nodes]:
    return {
        name: nodes
        for name, nodes in schema.properties.items()
        if not _is_hidden(schemas, nodes, side)
    }


def _is_hidden(schemas: MergedSchemas, nodes: Nodes, side: Side) -> bool:
    flag = _HIDING[side]
    if all(
        isinstance(node.value, dict) and node.value.keys().isdisjoint(_LEADING) for node in nodes
    ):
        return any(node.value.get(flag) is True for node in nodes)
    found = schemas.list_alternatives(nodes)
    return bool(found) and all(flag in each.flags for each in found)


def _find_required(
    comparison: SchemaDifferences, comes: MemberSets, taken: MemberSets
) -> Iterator[Difference]:
    is_request = comparison.side is Side.REQUEST
    for name, node in taken.schema.required.items():
        was_hidden = comes.hides(name) and name in taken.members
        if taken.hides(name) or (name in comes.schema.required and not was_hidden):
            continue
        if is_request:
            says = "it is required now"
            place = comes.members.get(name, (comes.schema.node,))[0]
            yield Difference("required-properties-added", f".{name}", says, place, node)
        elif name in comes.members or name not in taken.schema.properties:
            says = "it may be missing now"
            place = comes.members.get(name, (comes.schema.node,))[0]
            yield Difference("required-properties-removed", f".{name}", says, node, place)


def _find_gone(
    comparison: SchemaDifferences, name: str, old: MemberSets, new: MemberSets, depth: int
) -> Iterator[Difference]:
    """Yield how a member of the old schema is no longer one of the new one."""
    nodes, schema = old.members[name], new.schema
    if new.hides(name):
        flag = _HIDING[comparison.side]
        rule = f"{comparison.side}-property-{flag.replace('O', '-o')}"
        yield Difference(
            rule, f".{name}", f"it is {flag} now", nodes[0], schema.properties[name][0]
        )
        return
    if further := _list_further(name, old.schema, schema):
        pair = (nodes, further) if comparison.side is Side.REQUEST else (further, nodes)
        for each in comparison.compare(*pair, depth + 1):
            yield each.below(f".{name}")
    elif comparison.side is Side.ANSWER:
        says = "it comes no longer"
        yield Difference("property-removed", f".{name}", says, nodes[0], schema.node)
    elif schema.is_closed:
        says = "it is refused now: the schema takes no further members"
        yield Difference("request-property-refused", f".{name}", says, nodes[0], schema.is_closed)
    else:
        says = "it is no longer known"
        yield Difference("request-property-removed", f".{name}", says, nodes[0], schema.node)


def _find_words(
    comparison: SchemaDifferences, name: str, old: MemberSets, new: MemberSets
) -> Iterator[Difference]:
    """Yield another default of a member, and its deprecation."""
    sides = (comparison.sources, old.members[name]), (comparison.targets, new.members[name])
    if comparison.side is Side.ANSWER:
        sides = (comparison.targets, old.members[name]), (comparison.sources, new.members[name])
    ends = old.members[name][0], new.members[name][0]
    if not _read_word(*sides[0], "deprecated") and _read_word(*sides[1], "deprecated") is True:
        yield Difference("property-deprecated", f".{name}", "it is deprecated now", *ends)
    is_needed = name in old.schema.required or name in new.schema.required
    if comparison.side is Side.REQUEST and not is_needed:
        was, is_ = (_read_word(*side, "default") for side in sides)
        if name_value(was) != name_value(is_):
            says = say_change(comparison.side, "default", was, is_)
            yield Difference("request-default-changed", f".{name}", says, *ends)


def _read_word(schemas: MergedSchemas, nodes: Nodes, keyword: str) -> Any:
    """Return the value of a keyword in a member itself; None without it."""
    found = (node.value for node in schemas.resolve(nodes))
    said = (value[keyword] for value in found if isinstance(value, dict) and keyword in value)
    return next(said, None)


def _list_further(name: str, old: MergedSchema, new: MergedSchema) -> Nodes:
    """Return the schemas for a member without a name in the new schema."""
    like = [
        node
        for pattern, nodes in new.by_pattern.items()
        if matches_pattern(pattern, name)
        for node in nodes
    ]
    if like:
        return tuple(like)
    return () if name in old.required else new.additional


def _find_by_pattern(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema, depth: int
) -> Iterator[Difference]:
    words = {Side.REQUEST: "have a rule of their own now", Side.ANSWER: "have no rule any more"}
    for pattern, nodes in target.by_pattern.items():
        if pattern in source.by_pattern:
            for each in comparison.compare(source.by_pattern[pattern], nodes, depth + 1):
                yield each.below(f".{pattern}")
        else:
            says = f"members like {pattern} {words[comparison.side]}"
            yield comparison.rule("condition-changed", says, source.node, nodes[0])


def _find_further(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema, depth: int
) -> Iterator[Difference]:
    """Yield the differences in members without a name."""
    if source.is_closed:
        return
    if target.is_closed:
        words = {Side.REQUEST: "refused now", Side.ANSWER: "possible now"}
        says = f"further members are {words[comparison.side]}"
        yield comparison.rule("further-members", says, source.node, target.is_closed)
    elif target.additional:
        for each in comparison.compare(source.additional, target.additional, depth + 1):
            yield each.below(".*")
