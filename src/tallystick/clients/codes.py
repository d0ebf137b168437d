"""Turns the error codes of a contract into constants of a program."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract import error_codes
from tallystick.contract.document import Document

_VERBS = frozenset("are can can't contains does has have is may must needs".split())
"""Words that begin a message about a value, such as ``is missing``."""

Constant = dict[str, str]
"""``name``, ``value``, ``status`` and ``meaning`` of one error code."""


def list_constants(document: Document) -> list[Constant]:
    """Return every error code of the API's answers, in the contract's order."""
    broken = _broken_by(document.content["components"]["schemas"])
    found: dict[str, Constant] = {}
    for code, declared in document.codes.items():
        value = error_codes.value(code)
        found.setdefault(
            value,
            {
                "name": identifier(value),
                "value": value,
                "status": str(declared.status),
                "meaning": _meaning(declared.message, broken[code]),
            },
        )
    return list(found.values())


def identifier(code: str) -> str:
    """Return a code as an identifier valid in every language."""
    name = re.sub(r"\W", "", code)
    return f"E{name}" if name[0].isdigit() else name


def _meaning(message: str, schemas: list[str]) -> str:
    """Return the message as a sentence, with a lone schema as its subject if it lacks one."""
    if message.partition(" ")[0] in _VERBS and len(schemas) == 1:
        message = f"{schemas[0]} {message}"
    return f"{message[:1].upper()}{message[1:].rstrip('.')}."


def _broken_by(schemas: Mapping[str, Any]) -> Mapping[str, list[str]]:
    found = defaultdict[str, list[str]](list)
    for name, schema in schemas.items():
        for code in dict.fromkeys(schema.get("x-error-codes", {}).values()):
            found[code].append(name)
    return found


def pointers(document: Document, names: tuple[str, ...]) -> list[list[str]]:
    """Return the paths to members with one of these names in error bodies, shortest first."""
    schemas = document.content["components"]["schemas"]
    found = {
        tuple(way) for schema in _error_schemas(document) for way in _ways(schema, schemas, names)
    }
    return [list(way) for way in sorted(found, key=lambda way: (len(way), way))]


def _error_schemas(document: Document) -> Iterator[Mapping[str, Any]]:
    shared = document.content["components"].get("responses", {})
    inline = (
        response
        for _, _, operation in document.operations()
        for status, response in operation["responses"].items()
        if status >= "4" and "$ref" not in response
    )
    for response in [*shared.values(), *inline]:
        for media in response.get("content", {}).values():
            yield media["schema"]


def _ways(
    schema: Mapping[str, Any],
    schemas: Mapping[str, Any],
    names: tuple[str, ...],
    above: tuple[str, ...] = (),
) -> Iterator[list[str]]:
    """Yield the paths from a schema to those members, through objects but not through lists."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema, above = {} if name in above else schemas[name], (*above, name)
    for name, member in schema.get("properties", {}).items():
        if name in names:
            yield [name]
        else:
            yield from ([name, *way] for way in _ways(member, schemas, names, above))
