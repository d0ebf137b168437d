"""A contract in plain OpenAPI, for tools that know none of its extensions."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from . import contract
from .api_facts import read_facts


def make_portable_document(api: str) -> dict[str, Any]:
    """Return the API's document in plain OpenAPI, with example names for parameters by prefix.

    Plain OpenAPI 3.0 can't express the rules of that extension. Tokens of OAuth 2 and OpenID
    Connect are bearer tokens: Schemathesis takes an operation with others for open to all.
    """
    document: dict[str, Any] = copy.deepcopy(dict(contract.document(api)))
    # What another path serves too is the same operation, for which one run is enough.
    if aliases := read_facts(api).fuzz.get("aliases"):
        paths = document["paths"]
        document["paths"] = {path: paths[path] for path in paths if not re.match(aliases, path)}
    for item in document["paths"].values():
        for method, operation in item.items():
            if method in contract.METHODS:
                operation["parameters"] = list(_named(operation.get("parameters", [])))
                # Without a declared answer any will do, which Schemathesis wants to be told.
                operation["responses"] = operation["responses"] or {"default": {"description": ""}}
    components = document.get("components", {})
    schemes: dict[str, Any] = components.get("securitySchemes", {})
    for name, scheme in schemes.items():
        if contract.resolve(api, scheme)["type"] in ("oauth2", "openIdConnect"):
            schemes[name] = {"type": "http", "scheme": "bearer"}
    schemas: dict[str, Any] = components.get("schemas", {})
    for name in _sent_schemas(document):
        properties = schemas[name].get("properties", {})
        properties.update(_with_numbers(properties, schemas))
    for schema in schemas.values():
        for prefix, gathered in schema.get("x-gathered", {}).items():
            schema["properties"][f"{prefix}application"] = _values(document, gathered)
    return document


def _sent_schemas(document: Mapping[str, Any]) -> set[str]:
    """Return the names of the schemas that a request's body is made of."""
    bodies = [
        operation["requestBody"]
        for item in document["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    schemas = document.get("components", {}).get("schemas", {})
    found: set[str] = set()
    new = set(_references(bodies)) & set(schemas)
    while new:
        found |= new
        new = set(_references([schemas[name] for name in new])) & set(schemas) - found
    return found


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(reference := value.get("$ref"), str):
            yield reference.rpartition("/")[2]
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _references(item)


def _with_numbers(
    properties: Mapping[str, Any], schemas: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield each member that numbers may stand for, by `x-reads-number`, as all its values."""
    for name, schema in properties.items():
        whole = schemas.get(next(_references(schema), ""), schema)
        if read := whole.get("x-reads-number"):
            nulls = [None] if whole.get("nullable") else []
            yield name, {"enum": [*read, *range(len(read)), *nulls]}


def _named(parameters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for parameter in parameters:
        prefix = parameter.get("x-property-prefix")
        if prefix is None:
            yield parameter
        else:
            yield {
                "name": f"{prefix}application",
                "in": parameter["in"],
                "schema": {"type": "string", "maxLength": 255, "pattern": "^[^<>]*$"},
            }


def _values(document: Mapping[str, Any], reference: Mapping[str, Any]) -> Any:
    name = reference["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["additionalProperties"]
