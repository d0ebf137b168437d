"""Finds changes of the member and of the names that tell alternatives apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.alternatives import MergedSchemas, reference_to
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.merged_schema import MergedSchema

if TYPE_CHECKING:
    from tallystick.gate.diff.schema_differences import SchemaDifferences

_RULE = "discriminator-changed"
_WORDS = {Side.REQUEST: "stands for no alternative now", Side.ANSWER: "comes too"}


def find_discriminator_differences(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema, depth: int
) -> Iterator[Difference]:
    """Yield another member, and each name by which the target does not know the source's values."""
    if source.told_apart is None or target.told_apart is None:
        return
    ends = source.told_apart.child("discriminator"), target.told_apart.child("discriminator")
    if _member(ends[0], "propertyName") != _member(ends[1], "propertyName"):
        says = "the member that tells alternatives apart is another one"
        yield comparison.difference(_RULE, says, *ends)
    mapped = [_mapping(each) for each in ends]
    if mapped[0] and mapped[1]:
        yield from _compare_mappings(comparison, *ends, depth)
        return
    names = _names(source, comparison.sources), _names(target, comparison.targets)
    for name in sorted(names[0] - names[1]) if names[1] else ():
        yield comparison.difference(_RULE, f"{name} {_WORDS[comparison.side]}", *ends)


def _compare_mappings(
    comparison: SchemaDifferences, source: Node, target: Node, depth: int
) -> Iterator[Difference]:
    for name in _mapping(source):
        if name not in _mapping(target):
            says = f"{name} {_WORDS[comparison.side]}"
        elif not _mean_alike(comparison, source, target, name, depth):
            says = f"{name} stands for another schema"
        else:
            continue
        yield comparison.difference(_RULE, says, source, target)


def _mean_alike(
    comparison: SchemaDifferences, source: Node, target: Node, name: str, depth: int
) -> bool:
    """Return whether what a name stands for fits what it stands for on the other side."""
    ends = [
        schemas.find_named(each.child("mapping").child(name))
        for schemas, each in ((comparison.sources, source), (comparison.targets, target))
    ]
    return comparison.fits(ends[0], ends[1], depth)


def _names(schema: MergedSchema, schemas: MergedSchemas) -> frozenset[str]:
    """Return the values by which an alternative is known; none where they can't be told.

    Without a mapping it is the name of its schema. Where the member itself lists its values, those
    are compared, as the schema's name often is another one.
    """
    holder = schema.told_apart
    if holder is None or schema.label not in _references(holder):
        return frozenset()
    discriminator = holder.child("discriminator")
    member = schemas.resolve(schema.properties.get(_member(discriminator, "propertyName"), ()))
    if any(_member(each, keyword) is not None for each in member for keyword in ("enum", "const")):
        return frozenset()
    mapping = _mapping(discriminator)
    named = [name for name in mapping if reference_to(str(mapping[name])) == schema.label]
    place, _, own = schema.label.rpartition("/")
    return frozenset(named or ([own] if "#" in place else []))


def _references(holder: Node) -> frozenset[str | None]:
    found = (holder.child(each) for each in ("oneOf", "anyOf") if each in holder.value)
    return frozenset(variant.reference for group in found for variant in group.items())


def _mapping(discriminator: Node) -> Mapping[str, Any]:
    found = _member(discriminator, "mapping")
    return found if isinstance(found, dict) else {}


def _member(node: Node, name: str) -> Any:
    return node.value.get(name) if isinstance(node.value, dict) else None
