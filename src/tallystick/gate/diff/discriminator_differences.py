"""Finds changes of the member and of the names that tell alternatives apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.alternatives import MergedSchemas
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.merged_schema import MergedSchema
from tallystick.gate.diff.told_apart import read_mapping, read_member

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
    if read_member(ends[0].value, "propertyName") != read_member(ends[1].value, "propertyName"):
        says = "the member that tells alternatives apart is another one"
        yield comparison.difference(_RULE, says, *ends)
    compared: Collection[str] = ()
    if read_mapping(ends[0]) and read_mapping(ends[1]):
        compared = read_mapping(ends[0])
        yield from _compare_mappings(comparison, source, target, depth)
    names = list_names(source, comparison.sources), list_names(target, comparison.targets)
    for name in sorted(names[0].difference(names[1], compared)) if names[1] else ():
        yield comparison.difference(_RULE, f"{name} {_WORDS[comparison.side]}", *ends)


def _compare_mappings(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema, depth: int
) -> Iterator[Difference]:
    assert source.told_apart
    assert target.told_apart
    ends = source.told_apart.child("discriminator"), target.told_apart.child("discriminator")
    known = comparison.targets.told_apart.read(target.told_apart).meant
    mapped = comparison.sources.told_apart.read(source.told_apart).list_mapped(source.label)
    for name, meant in mapped:
        if name not in known:
            says = f"{name} {_WORDS[comparison.side]}"
        elif _is_compared(source, target, meant, known[name]):
            continue
        elif not comparison.fits(meant, known[name], depth):
            says = f"{name} stands for another schema"
        else:
            continue
        yield comparison.difference(_RULE, says, *ends)


def _is_compared(source: MergedSchema, target: MergedSchema, meant: Node, known: Node) -> bool:
    """Return whether a name stands for the two alternatives that are being compared."""
    return (meant.reference, known.reference) == (source.label, target.label)


def list_all_names(alternatives: Iterable[MergedSchema], schemas: MergedSchemas) -> frozenset[str]:
    """Return the names of several alternatives; none where one of them has none."""
    names = [list_names(each, schemas) for each in alternatives]
    return frozenset().union(*names) if all(names) else frozenset()


def list_names(schema: MergedSchema, schemas: MergedSchemas) -> frozenset[str]:
    """Return the values by which an alternative is known; none where they can't be told.

    Without a mapping it is the name of its schema. Where the member itself lists its values, those
    are compared, as the schema's name often is another one.
    """
    holder = schema.told_apart
    if holder is None or not (names := schemas.told_apart.read(holder).list_names(schema.label)):
        return frozenset()
    name = str(read_member(holder.value["discriminator"], "propertyName"))
    member = schemas.resolve(schema.properties.get(name, ()))
    has_values = any(
        read_member(each.value, keyword) is not None
        for each in member
        for keyword in ("enum", "const")
    )
    return frozenset() if has_values else names
