"""The keywords of a schema, each added to what other parts of the schema say."""

from __future__ import annotations

from typing import Any

from tallystick.contract.reader.keywords import RULES_3_0, RULES_3_1
from tallystick.contract.reader.references import Node
from tallystick.gate.diff.keyword_values import name_value
from tallystick.gate.diff.merged_schema import (
    CONDITIONS,
    LOWER_SIZES,
    UPPER_SIZES,
    Bound,
    MergedSchema,
    Nodes,
)
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument

_NAMED = frozenset(("properties", "patternProperties", "x-gathered"))


def add_keywords(merged: MergedSchema, node: Node, document: OpenApiDocument) -> None:
    """Add all a schema of a document says by itself; raise `NotUnderstood`."""
    for keyword in node.value:
        if keyword in _READERS:
            _READERS[keyword](merged, node, keyword)
        elif keyword in _NAMED:
            members = merged.by_pattern if keyword == "patternProperties" else merged.properties
            _gather(members, document.follow(node.child(keyword)))
        elif keyword in CONDITIONS:
            _add_condition(merged, node, keyword)


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


# The formats byte and binary of OpenAPI 3.0, as 3.1.1 has them in "Migrating Binary Descriptions".
def _add_encoding(merged: MergedSchema, node: Node, keyword: str) -> None:
    if node.value[keyword] == "base64":
        merged.formats.setdefault("byte", node.child(keyword))
    else:
        _add_condition(merged, node, keyword)


def _add_media_type(merged: MergedSchema, node: Node, keyword: str) -> None:
    if node.value[keyword] != "application/octet-stream":
        _add_condition(merged, node, keyword)
    elif "contentEncoding" not in node.value:
        merged.formats.setdefault("binary", node.child(keyword))


def _add_condition(merged: MergedSchema, node: Node, keyword: str) -> None:
    found = merged.conditions.get(keyword, ())
    merged.conditions[keyword] = (*found, node.child(keyword))


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


def _add_discriminator(merged: MergedSchema, node: Node, _keyword: str) -> None:
    merged.told_apart = merged.told_apart or node  # an alternative may have one of its own


_READERS = {
    "type": _add_type,
    **dict.fromkeys(("enum", "const"), _add_enum),
    **dict.fromkeys(("minimum", "exclusiveMinimum"), _add_lower),
    **dict.fromkeys(("maximum", "exclusiveMaximum"), _add_upper),
    **dict.fromkeys(LOWER_SIZES | UPPER_SIZES, _add_size),
    "pattern": _add_pattern,
    "format": _add_format,
    "contentEncoding": _add_encoding,
    "contentMediaType": _add_media_type,
    "multipleOf": _add_multiple,
    **dict.fromkeys(("uniqueItems", "readOnly", "writeOnly"), _add_flag),
    "required": _add_required,
    "additionalProperties": _add_additional,
    "items": _add_items,
    "prefixItems": _add_first_items,
    "discriminator": _add_discriminator,
}
