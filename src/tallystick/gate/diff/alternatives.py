"""The alternatives of a schema, with all references followed and all ``allOf`` merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tallystick.contract.reader.references import Node
from tallystick.gate.diff.merged_keywords import add_keywords
from tallystick.gate.diff.merged_schema import MergedSchema, Nodes
from tallystick.gate.diff.told_apart import LISTS, ToldApart
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

MAX_ALTERNATIVES = 1_000
"""Alternatives that a schema's lists together and its enum may make; schemas of its ``allOf``.

The longest list, which may be of heirs, comes on top: the document itself is as long.
"""


@dataclass(frozen=True, slots=True)
class Conjunct:
    """A schema without its groups of alternatives, one of each chosen."""

    node: Node
    chosen: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[object, ...]:
        """Return the conjunct's key, different from every other one."""
        return (*self.node.key, self.chosen)


_Choice = tuple[list[Conjunct], str, str]
"""Conjuncts, and the reference and the keyword by which the last of them were chosen."""


class MergedSchemas:
    """Merges the schemas of one document, each once."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._document = document
        self.told_apart = ToldApart(document)
        self._merged: dict[tuple[object, ...], list[MergedSchema]] = {}

    def resolve(self, nodes: Nodes) -> Nodes:
        """Return the schemas, each once, with the target of each bare reference in its place."""
        found = (
            self._document.follow(node)
            if isinstance(node.value, dict) and len(node.value) == 1 and "$ref" in node.value
            else node
            for node in nodes
        )
        return tuple({node.key: node for node in found}.values())

    def list_alternatives(self, nodes: Nodes) -> list[MergedSchema]:
        """Return the schemas merged, once for each of their alternatives.

        Raises `NotUnderstood` for a part other than a schema.
        """
        nodes = self.resolve(nodes)
        key = tuple(node.key for node in nodes)
        if key not in self._merged:
            self._merged[key] = [
                self._merge(conjuncts, label, group, nodes)
                for conjuncts, label, group in self._choose(nodes)
            ]
        return self._merged[key]

    def _choose(self, nodes: Nodes) -> Iterator[_Choice]:
        """Yield the conjuncts of each alternative, with the reference to it."""
        flat = {each.key: each for node in nodes for each in self._flatten(node)}
        open_: list[_Choice] = [([*flat.values()], "", "")]
        count = longest = 0
        while open_:
            conjuncts, label, group = open_.pop(0)
            found = _find_list(conjuncts) or self._find_discriminator(conjuncts)
            if found is None:
                count += 1
                yield conjuncts, label, group
            else:
                expanded = self._expand(conjuncts, label, *found)
                open_[:0] = expanded
                longest = max(longest, len(expanded))
            if count + len(open_) > MAX_ALTERNATIVES + longest:
                message = f"its anyOf, oneOf and heirs make over {MAX_ALTERNATIVES:,} alternatives"
                raise NotUnderstood(nodes[0], message)

    def _expand(
        self, conjuncts: list[Conjunct], label: str, place: int, keyword: str
    ) -> list[_Choice]:
        holder = conjuncts[place]
        left = Conjunct(holder.node, holder.chosen | {keyword})
        rest = [*conjuncts[:place], left, *conjuncts[place + 1 :]]
        # A variant may name by allOf the schema that it is a variant of.
        known = {each.node.key for each in rest}
        is_list = keyword in LISTS
        found: list[_Choice] = []
        for variant in self._list_variants(holder.node, keyword):
            own = self._flatten(variant)
            new = [each for each in own if each.node.key not in known]
            if new or not own or not is_list:  # a listed schema that is the schema itself is none
                found.append(([*rest, *new], variant.reference or label, keyword))
        if not is_list and self.told_apart.is_one_itself(holder.node):
            found.append((rest, label, keyword))
        return found

    def _list_variants(self, holder: Node, keyword: str) -> Nodes:
        if keyword in LISTS:
            return self._document.read_list(holder, keyword)
        return self.told_apart.read(holder).alternatives

    def _find_discriminator(self, conjuncts: list[Conjunct]) -> tuple[int, str] | None:
        """Return the place of a schema told apart by its heirs, before one of them is chosen."""
        holders = [n for n, each in enumerate(conjuncts) if _is_told_apart(each)]
        if not holders or any("discriminator" in conjuncts[n].chosen for n in holders):
            return None
        present = {self.told_apart.reference(each.node) for each in conjuncts}
        for place in holders:
            holder = conjuncts[place].node
            is_open = present.isdisjoint(self.told_apart.list_heirs(holder))
            if is_open and self.told_apart.read(holder).alternatives:
                return place, "discriminator"
        return None

    def _flatten(self, schema: Node) -> list[Conjunct]:
        """Return a schema and those of its ``allOf``, at any depth, each once."""
        found: dict[tuple[object, ...], Conjunct] = {}
        waiting: list[tuple[Node, tuple[object, ...]]] = [(schema, ())]
        while waiting:
            part, above = waiting.pop()
            node = self._as_schema(part)
            if node.key in above:
                raise NotUnderstood(node, "refers to itself before any member or item")
            if node.value is True or node.key in found:
                continue
            found[node.key] = Conjunct(node)
            if len(found) > MAX_ALTERNATIVES:
                raise NotUnderstood(schema, f"its allOf lead to over {MAX_ALTERNATIVES:,} schemas")
            below = (*above, node.key)
            waiting += [(each, below) for each in reversed(self._list_all_of(node))]
        return [*found.values()]

    def _list_all_of(self, node: Node) -> Nodes:
        """Return the target of a schema's reference, and the schemas of its ``allOf``."""
        if node.value is False:
            return ()
        listed = self._document.read_list(node, "allOf")
        reference = node.reference
        return listed if reference is None else (self._document.find(node, reference), *listed)

    def _as_schema(self, node: Node) -> Node:
        """Return the node itself, or the schema at the end of its reference.

        Beside a reference of OpenAPI 3.0 nothing counts; it does here, as its writers mean it.
        """
        [node] = self.resolve((node,))
        if not isinstance(node.value, dict | bool):
            raise NotUnderstood(node, "is no schema")
        return _with_null(node)

    def _merge(
        self, conjuncts: list[Conjunct], label: str, group: str, nodes: Nodes
    ) -> MergedSchema:
        key = tuple(conjunct.key for conjunct in conjuncts)
        node = conjuncts[-1].node if label else conjuncts[0].node if conjuncts else nodes[0]
        merged = MergedSchema(node, key, label, group)
        for conjunct in conjuncts:
            if conjunct.node.value is False:
                merged.types, merged.type_node = frozenset(), conjunct.node
            else:
                add_keywords(merged, conjunct.node, self._document)
        return merged


def _with_null(node: Node) -> Node:
    """Return a schema with its ``nullable`` as an alternative of its own.

    Beside a type the type takes null; beside ``allOf`` and its like the whole schema may be null.
    """
    value = node.value
    if not isinstance(value, dict) or value.get("nullable") is not True or "type" in value:
        return node
    if not {"allOf", "anyOf", "oneOf", "$ref"} & value.keys():
        return node
    whole = {name: part for name, part in value.items() if name != "nullable"}
    return Node(node.file, (*node.steps, "nullable"), {"anyOf": [whole, {"type": "null"}]})


def _find_list(conjuncts: list[Conjunct]) -> tuple[int, str] | None:
    for place, conjunct in enumerate(conjuncts):
        if isinstance(conjunct.node.value, dict):
            for keyword in LISTS:
                if conjunct.node.value.get(keyword) and keyword not in conjunct.chosen:
                    return place, keyword
    return None


def _is_told_apart(conjunct: Conjunct) -> bool:
    """Return whether a schema has a discriminator, and no list of alternatives."""
    schema = conjunct.node.value
    if not isinstance(schema, dict) or not isinstance(schema.get("discriminator"), dict):
        return False
    return schema.keys().isdisjoint(LISTS)
