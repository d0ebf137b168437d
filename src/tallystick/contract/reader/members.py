"""Members that are kept as they are written, where they have their form; others are told."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.references import Node


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _is_servers(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(server, dict) and isinstance(server.get("url"), str) for server in value
    )


def _is_named_texts(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_text, value.values()))


def _is_field_text(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isprintable()


Form = tuple[Callable[[Any], bool], str]

_TEXT: Form = (_is_text, "text")
_BOOLEAN: Form = (lambda value: isinstance(value, bool), "true or false")
_MAPPING: Form = (_is_mapping, "a mapping")

_FORMS: Mapping[str, Form] = {
    **dict.fromkeys(
        "description summary name parent kind termsOfService jsonSchemaDialect $self "
        "contentType style bearerFormat oauth2MetadataUrl x-property-prefix "
        "x-openapi-router-controller".split(),
        _TEXT,
    ),
    **dict.fromkeys("deprecated allowReserved allowEmptyValue explode".split(), _BOOLEAN),
    **dict.fromkeys("externalDocs contact license itemEncoding".split(), _MAPPING),
    "prefixEncoding": (lambda value: isinstance(value, list), "a list"),
    **dict.fromkeys(
        ("tags", "x-required-scopes", "x-harmless-query"), (_is_texts, "a list of texts")
    ),
    "x-known-query-only": _BOOLEAN,
    "x-scopes": (_is_named_texts, "a mapping of scopes to texts"),
    "x-challenge": (_is_field_text, "text of ASCII, in one line"),
    "servers": (_is_servers, "a list of servers, each with its url"),
}

_BUILT_IN = frozenset(
    "x-base-path x-credential x-errors x-handler x-precondition x-signs-request".split()
)
"""Extensions by which the built-in APIs name their Python, or each other."""


def keep_members(node: Node, findings: Findings, read: Container[str]) -> dict[str, Any]:
    """Return the well-formed members of a mapping, without those read apart."""
    kept = {}
    for name, value in node.value.items():
        if name in read or name in _BUILT_IN:
            continue
        if name in _FORMS:
            fits, words = _FORMS[name]
            if fits(value):
                kept[name] = value
            elif value is not None:
                message = f"{name} must be {words}: it is left out"
                findings.warn(node.child(name), "member-invalid", message)
        elif name.startswith("x-"):
            kept[name] = value
        else:
            message = f"{name} is not known here: it is left out"
            findings.warn(node.child(name), "member-unknown", message)
    return kept


def list_tags(node: Node, findings: Findings) -> list[dict[str, Any]]:
    """Return the named tags of a document."""
    found = []
    for tag in node.items():
        if isinstance(tag.value, dict) and isinstance(tag.value.get("name"), str):
            found.append(keep_members(tag, findings, ()))
        else:
            findings.warn(tag, "member-invalid", "must be a tag with a name: it is left out")
    return found
