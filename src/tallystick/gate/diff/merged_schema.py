"""A schema with all its references followed and all its ``allOf`` merged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import jsonschema_rs

from tallystick.contract.reader.keywords import RULES_3_0, RULES_3_1
from tallystick.contract.reader.references import Node
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

MAX_ALTERNATIVES = 1_000
"""Alternatives that a schema's ``anyOf``, ``oneOf`` and enum may make; schemas of its ``allOf``."""

ATOMS = frozenset("null boolean integer fraction string array object".split())
"""The kinds of values. A number of JSON Schema is an integer or a fraction."""

LOWER_SIZES = frozenset("minLength minItems minContains minProperties".split())
UPPER_SIZES = frozenset("maxLength maxItems maxContains maxProperties".split())
CONDITIONS = frozenset(
    "not if then else contains propertyNames dependentSchemas "
    "dependentRequired dependencies unevaluatedItems unevaluatedProperties contentSchema "
    "contentEncoding contentMediaType x-property-names".split()
)
"""Keywords that narrow a schema further, and are compared as they are written."""

_GROUPS = ("anyOf", "oneOf")
_NAMED = frozenset(("properties", "patternProperties", "x-gathered"))

Nodes = tuple[Node, ...]
"""Schemas that all judge the same value; none of them means that any value is taken."""


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


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit of a number."""

    value: float
    is_open: bool
    """The limit itself is outside."""
    node: Node

    def __str__(self) -> str:
        return f"{self.value}{' (outside)' if self.is_open else ''}"


@dataclass(slots=True)
class MergedSchema:
    """All a schema says of a value, one alternative of its ``anyOf`` and ``oneOf`` chosen."""

    node: Node
    key: tuple[object, ...]
    label: str = ""
    """The reference by which the alternative was chosen."""
    group: str = ""
    """The keyword that has the alternative: ``anyOf`` or ``oneOf``."""
    types: frozenset[str] = ATOMS
    type_node: Node | None = None
    enum: dict[str, Any] | None = None
    enum_node: Node | None = None
    lower: Bound | None = None
    upper: Bound | None = None
    sizes: dict[str, tuple[int, Node]] = field(default_factory=dict)
    patterns: dict[str, Node] = field(default_factory=dict)
    formats: dict[str, Node] = field(default_factory=dict)
    multiples: dict[float, Node] = field(default_factory=dict)
    flags: dict[str, Node] = field(default_factory=dict)
    """``uniqueItems``, ``readOnly`` and ``writeOnly``, where they are true."""
    required: dict[str, Node] = field(default_factory=dict)
    properties: dict[str, Nodes] = field(default_factory=dict)
    by_pattern: dict[str, Nodes] = field(default_factory=dict)
    additional: Nodes = ()
    is_closed: Node | None = None
    """The node that forbids further members."""
    items: Nodes = ()
    first_items: dict[int, Nodes] = field(default_factory=dict)
    conditions: dict[str, Nodes] = field(default_factory=dict)
    discriminator: Node | None = None

    def of_type(self, type_: str) -> MergedSchema:
        """Return the schema for values of one type alone."""
        return replace(self, types=frozenset((type_,)), key=(*self.key, type_))

    def of_value(self, name: str, value: Any) -> MergedSchema:
        """Return the schema for one value of its enum alone."""
        return replace(self, enum={name: value}, key=(*self.key, name))


class MergedSchemas:
    """Merges the schemas of one document, each once."""

    def __init__(self, document: OpenApiDocument) -> None:
        self._document = document
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
        count = 0
        while open_:
            conjuncts, label, group = open_.pop(0)
            found = _find_group(conjuncts)
            if found is None:
                count += 1
                yield conjuncts, label, group
            else:
                open_[:0] = self._expand(conjuncts, label, *found)
            if count + len(open_) > MAX_ALTERNATIVES:
                message = f"its anyOf and oneOf make over {MAX_ALTERNATIVES:,} alternatives"
                raise NotUnderstood(nodes[0], message)

    def _expand(
        self, conjuncts: list[Conjunct], label: str, place: int, keyword: str
    ) -> list[_Choice]:
        holder = conjuncts[place]
        left = Conjunct(holder.node, holder.chosen | {keyword})
        rest = [*conjuncts[:place], left, *conjuncts[place + 1 :]]
        # A variant may name by allOf the schema that it is a variant of.
        known = {each.node.key for each in rest}
        found: list[_Choice] = []
        for variant in self._document.read_list(holder.node, keyword):
            own = self._flatten(variant)
            new = [each for each in own if each.node.key not in known]
            if new or not own:  # an alternative that is the schema itself is none
                found.append(([*rest, *new], variant.reference or label, keyword))
        return found

    def find_named(self, node: Node) -> Node:
        """Return the schema meant by a discriminator's mapping; raise `NotUnderstood`."""
        named = str(node.value)
        is_name = "/" not in named and "#" not in named and "." not in named
        reference = f"#/components/schemas/{named}" if is_name else named
        return self._document.find(node, reference)

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
                self._add(merged, conjunct.node)
        return merged

    def _add(self, merged: MergedSchema, node: Node) -> None:
        for keyword in node.value:
            if keyword in _READERS:
                _READERS[keyword](merged, node, keyword)
            elif keyword in _NAMED:
                members = merged.by_pattern if keyword == "patternProperties" else merged.properties
                _gather(members, self._document.follow(node.child(keyword)))
            elif keyword in CONDITIONS:
                found = merged.conditions.get(keyword, ())
                merged.conditions[keyword] = (*found, node.child(keyword))


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


def _find_group(conjuncts: list[Conjunct]) -> tuple[int, str] | None:
    for place, conjunct in enumerate(conjuncts):
        if isinstance(conjunct.node.value, dict):
            for keyword in _GROUPS:
                if conjunct.node.value.get(keyword) and keyword not in conjunct.chosen:
                    return place, keyword
    return None


def _checked(node: Node, keyword: str) -> Any:
    """Return the value of a keyword; raise `NotUnderstood` where no version has it so."""
    value = node.value[keyword]
    rules = [rules[keyword] for rules in (RULES_3_0, RULES_3_1) if keyword in rules]
    if not any(fits(value) for fits, _ in rules):
        raise NotUnderstood(node.child(keyword), f"{keyword} must be {rules[0][1]}")
    return value


def _add_type(merged: MergedSchema, node: Node, keyword: str) -> None:
    value = _checked(node, keyword)
    names = [value] if isinstance(value, str) else value
    atoms = {atom for name in names for atom in _atoms(name)}
    if node.value.get("nullable") is True:
        atoms.add("null")
    merged.types &= atoms
    merged.type_node = node.child(keyword)


def _atoms(name: str) -> tuple[str, ...]:
    return ("integer", "fraction") if name == "number" else (name,)


def _add_enum(merged: MergedSchema, node: Node, keyword: str) -> None:
    values = [node.value["const"]] if keyword == "const" else _checked(node, keyword)
    named = {name_value(value): value for value in values}
    if node.value.get("nullable") is True:
        named["null"] = None
    if merged.enum is not None:
        named = {name: value for name, value in named.items() if name in merged.enum}
    merged.enum, merged.enum_node = named, node.child(keyword)


def name_value(value: Any) -> str:
    """Return a text, the same for equal values."""
    return json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)


@lru_cache(10_000)
def _compile(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True)
    except ValueError:
        return None


def matches_pattern(pattern: str, value: Any) -> bool:
    """Return whether a value is no text, or matches a schema's pattern."""
    validator = _compile(pattern)
    return validator is not None and validator.is_valid(value)


def is_leaf(value: Any) -> bool:
    """Return whether a schema is written without any other schema in it."""
    return (
        isinstance(value, dict)
        and "$ref" not in value
        and not any(isinstance(part, dict | list) for part in value.values())
    )


def _plain(value: Any) -> Any:
    """Return the value with 1.0 as 1."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value


def _add_lower(merged: MergedSchema, node: Node, keyword: str) -> None:
    bound = _bound(node, keyword, "minimum")
    if bound and (merged.lower is None or _rank(bound) > _rank(merged.lower)):
        merged.lower = bound


def _add_upper(merged: MergedSchema, node: Node, keyword: str) -> None:
    bound = _bound(node, keyword, "maximum")
    if bound and (merged.upper is None or _rank(bound, -1) < _rank(merged.upper, -1)):
        merged.upper = bound


def _rank(bound: Bound, sign: int = 1) -> tuple[float, int]:
    return bound.value, sign * bound.is_open


def _bound(node: Node, keyword: str, plain: str) -> Bound | None:
    value = _checked(node, keyword)
    if keyword != plain:
        # OpenAPI 3.0 has true or false here, and the limit in minimum or maximum.
        return None if isinstance(value, bool) else Bound(value, True, node.child(keyword))
    exclusive = f"exclusive{plain.capitalize()}"
    is_open = node.value.get(exclusive) is True
    return Bound(value, is_open, node.child(exclusive if is_open else keyword))


def _add_size(merged: MergedSchema, node: Node, keyword: str) -> None:
    value = int(_checked(node, keyword))
    known = merged.sizes.get(keyword)
    tighter = known is None or (value > known[0]) == (keyword in LOWER_SIZES)
    if tighter:
        merged.sizes[keyword] = (value, node.child(keyword))


def _add_pattern(merged: MergedSchema, node: Node, keyword: str) -> None:
    merged.patterns.setdefault(_text(node, keyword), node.child(keyword))


def _add_format(merged: MergedSchema, node: Node, keyword: str) -> None:
    merged.formats.setdefault(_text(node, keyword), node.child(keyword))


def _text(node: Node, keyword: str) -> str:
    value = node.value[keyword]
    if not isinstance(value, str):
        raise NotUnderstood(node.child(keyword), f"{keyword} must be text")
    return value


def _add_multiple(merged: MergedSchema, node: Node, keyword: str) -> None:
    merged.multiples.setdefault(_checked(node, keyword), node.child(keyword))


def _add_flag(merged: MergedSchema, node: Node, keyword: str) -> None:
    if _checked(node, keyword):
        merged.flags[keyword] = node.child(keyword)


def _add_required(merged: MergedSchema, node: Node, keyword: str) -> None:
    if node.value[keyword] is None or isinstance(node.value[keyword], bool):
        return  # some tools write required: true at a member: it says nothing there
    names = node.child(keyword)
    if not isinstance(names.value, list):
        raise NotUnderstood(names, "required must be a list of names")
    for item in names.items():
        merged.required.setdefault(str(item.value), item)


def _gather(into: dict[str, Nodes], named: Node) -> None:
    if named.value is None:
        return
    if not isinstance(named.value, dict):
        raise NotUnderstood(named, "must be a mapping of names to schemas")
    for name, schema in named.members():
        into[name] = (*into.get(name, ()), schema)


def _add_additional(merged: MergedSchema, node: Node, keyword: str) -> None:
    found = node.child(keyword)
    if found.value is False:
        merged.is_closed = found
    elif isinstance(found.value, dict) and found.value:
        merged.additional = (*merged.additional, found)


def _add_items(merged: MergedSchema, node: Node, keyword: str) -> None:
    merged.items = (*merged.items, node.child(keyword))


def _add_first_items(merged: MergedSchema, node: Node, keyword: str) -> None:
    for number, item in enumerate(node.child(keyword).items()):
        merged.first_items[number] = (*merged.first_items.get(number, ()), item)


def _add_discriminator(merged: MergedSchema, node: Node, keyword: str) -> None:
    merged.discriminator = node.child(keyword)


_READERS = {
    "type": _add_type,
    **dict.fromkeys(("enum", "const"), _add_enum),
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _add_lower),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), _add_upper),
    **dict.fromkeys(LOWER_SIZES | UPPER_SIZES, _add_size),
    "pattern": _add_pattern,
    "format": _add_format,
    "multipleOf": _add_multiple,
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly"), _add_flag),
    "required": _add_required,
    "additionalProperties": _add_additional,
    "items": _add_items,
    "prefixItems": _add_first_items,
    "discriminator": _add_discriminator,
}
