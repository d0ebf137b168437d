"""Finds changes of the member and of the names that tell alternatives apart."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
    compared: Collection[str] = ()
    if _mapping(ends[0]) and _mapping(ends[1]):
        compared = _mapping(ends[0])
        yield from _compare_mappings(comparison, source, target.told_apart, depth)
    names = _names(source, comparison.sources), _names(target, comparison.targets)
    for name in sorted(names[0].difference(names[1], compared)) if names[1] else ():
        yield comparison.difference(_RULE, f"{name} {_WORDS[comparison.side]}", *ends)


def _compare_mappings(
    comparison: SchemaDifferences, source: MergedSchema, target: Node, depth: int
) -> Iterator[Difference]:
    assert source.told_apart
    ends = source.told_apart.child("discriminator"), target.child("discriminator")
    for name, meant in _mapped(source.told_apart, source.label).items():
        known = _find_meant(target, name)
        if known is None:
            says = f"{name} {_WORDS[comparison.side]}"
        elif not _mean_alike(comparison, meant, known, depth):
            says = f"{name} stands for another schema"
        else:
            continue
        yield comparison.difference(_RULE, says, *ends)


def _mean_alike(comparison: SchemaDifferences, source: Node, target: Node, depth: int) -> bool:
    """Return whether what a name stands for fits what it stands for on the other side."""
    ends = [
        meant if meant.reference else schemas.find_named(meant)
        for schemas, meant in ((comparison.sources, source), (comparison.targets, target))
    ]
    return comparison.fits(ends[0], ends[1], depth)


def _mapped(holder: Node, label: str | None) -> dict[str, Node]:
    """Return by name what a mapping tells, without the names of other alternatives than one.

    Each alternative is compared by itself, so all names in each would be the square of them.
    """
    references = {each.reference for each in _alternatives(holder)}
    others = references - {label} if label in references else frozenset()
    mapping = holder.child("discriminator").child("mapping")
    return {
        name: mapping.child(name)
        for name, each in mapping.value.items()
        if reference_to(str(each)) not in others
    }


def _find_meant(holder: Node, name: str) -> Node | None:
    """Return what a name stands for by the mapping, or by an alternative's own name."""
    discriminator = holder.child("discriminator")
    if name in _mapping(discriminator):
        return discriminator.child("mapping").child(name)
    return _unmapped(holder).get(name)


def _unmapped(holder: Node) -> dict[str, Node]:
    """Return by name the alternatives without a place in the mapping: they keep their own names."""
    mapped = {reference_to(str(each)) for each in _mapping(holder.child("discriminator")).values()}
    found = {each.reference: each for each in _alternatives(holder) if each.reference}
    return {_own_name(each): found[each] for each in found if each not in mapped}


def _names(schema: MergedSchema, schemas: MergedSchemas) -> frozenset[str]:
    """Return the values by which an alternative is known; none where they can't be told.

    Without a mapping it is the name of its schema. Where the member itself lists its values, those
    are compared, as the schema's name often is another one.
    """
    holder = schema.told_apart
    if holder is None or all(schema.label != each.reference for each in _alternatives(holder)):
        return frozenset()
    discriminator = holder.child("discriminator")
    member = schemas.resolve(schema.properties.get(str(_member(discriminator, "propertyName")), ()))
    if any(_member(each, keyword) is not None for each in member for keyword in ("enum", "const")):
        return frozenset()
    mapping = _mapping(discriminator)
    named = [name for name in mapping if reference_to(str(mapping[name])) == schema.label]
    own = _own_name(schema.label)
    return frozenset(named or ([own] if own else []))


def _own_name(reference: str) -> str:
    """Return the name of a schema, and an empty text for a file."""
    place, _, name = reference.rpartition("/")
    return name if "#" in place else ""


def _alternatives(holder: Node) -> Iterator[Node]:
    groups = (holder.child(each) for each in ("oneOf", "anyOf") if each in holder.value)
    return (alternative for group in groups for alternative in group.items())


def _mapping(discriminator: Node) -> Mapping[str, Any]:
    found = _member(discriminator, "mapping")
    return found if isinstance(found, dict) else {}


def _member(node: Node, name: str) -> Any:
    return node.value.get(name) if isinstance(node.value, dict) else None
