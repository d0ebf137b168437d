"""Finds changes of the rarer keywords, such as ``not``, ``if`` and ``contains``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.difference import Difference, Side
from tallystick.gate.diff.keyword_values import name_value
from tallystick.gate.diff.merged_schema import MergedSchema

if TYPE_CHECKING:
    from tallystick.gate.diff.schema_differences import SchemaDifferences

_NARROWING = frozenset(
    "then else contains propertyNames unevaluatedItems unevaluatedProperties contentSchema".split()
)
"""Keywords with a schema that takes less where the schema around it takes less."""

_WORDS = {Side.REQUEST: "is a new demand", Side.ANSWER: "holds no longer"}


def find_condition_differences(
    comparison: SchemaDifferences, source: MergedSchema, target: MergedSchema, depth: int
) -> Iterator[Difference]:
    """Yield each keyword by which the target may refuse values of the source."""
    for keyword, nodes in target.conditions.items():
        own = source.conditions.get(keyword, ())
        for number, node in enumerate(nodes):
            if number >= len(own):
                says = f"its {keyword} {_WORDS[comparison.side]}"
                yield comparison.rule("condition-changed", says, source.node, node)
            else:
                yield from _compare(comparison, keyword, own[number], node, depth)


def _compare(
    comparison: SchemaDifferences, keyword: str, source: Node, target: Node, depth: int
) -> Iterator[Difference]:
    if keyword in _NARROWING:
        for each in comparison.compare((source,), (target,), depth + 1):
            yield each.below(f" {keyword}")
    elif keyword in {"dependentSchemas", "dependentRequired", "dependencies"}:
        yield from _compare_named(comparison, keyword, source, target, depth)
    elif not _is_like(comparison, keyword, source, target, depth):
        yield comparison.rule("condition-changed", f"its {keyword} is another one", source, target)


def _compare_named(
    comparison: SchemaDifferences, keyword: str, source: Node, target: Node, depth: int
) -> Iterator[Difference]:
    """Yield the differences in each member's demands on the rest."""
    own = dict(source.members())
    for name, node in target.members():
        here = f"{keyword} {name}"
        if isinstance(node.value, list):
            known = [item.value for item in own[name].items()] if name in own else []
            if more := [str(item) for item in node.value if item not in known]:
                says = f"its {here} {_WORDS[comparison.side]}: {', '.join(more)}"
                yield comparison.rule("condition-changed", says, source, node)
        elif name in own:
            for each in comparison.compare((own[name],), (node,), depth + 1):
                yield each.below(f" {here}")
        else:
            says = f"its {here} {_WORDS[comparison.side]}"
            yield comparison.rule("condition-changed", says, source, node)


def _is_like(
    comparison: SchemaDifferences, keyword: str, source: Node, target: Node, depth: int
) -> bool:
    if keyword in {"not", "if"}:
        return comparison.is_same_both_ways(source, target, depth)
    return name_value(source.value) == name_value(target.value)
