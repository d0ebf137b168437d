"""Finds examples that a changed contract would refuse."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from tallystick.contract.schema import to_json_schema
from tallystick.gate.change import Change, Level
from tallystick.gate.openapi_document import OpenApiDocument, Steps
from tallystick.gate.outcome import ContractPlace

_Shown = tuple[Any, Any, ContractPlace]
"""An example, its schema and its place."""


def find_example_changes(old: OpenApiDocument, new: OpenApiDocument) -> Iterator[Change]:
    """Yield examples refused by the new document, and examples that contradict their schema."""
    before, after = dict(_sent(old, "old")), dict(_sent(new, "new"))
    for where, (example, schema, place) in before.items():
        if where not in after or _objection(old, schema, example):
            continue
        if objection := _objection(new, after[where][1], example):
            says = f"the old example is refused now: {objection}"
            places = (place, after[where][2])
            yield Change(Level.BREAKING, "example-refused", where, says, places)
    known = {where for where, shown in _all(old, "old") if _objection(old, shown[1], shown[0])}
    for where, (example, schema, place) in _all(new, "new"):
        if where not in known and (objection := _objection(new, schema, example)):
            says = f"the example contradicts its schema: {objection}"
            yield Change(Level.BREAKING, "example-invalid", where, says, (place,))


def _all(document: OpenApiDocument, says: str) -> Iterator[tuple[str, _Shown]]:
    yield from _sent(document, says)
    for name, operation, steps in document.operations():
        for status, listed in operation.get("responses", {}).items():
            response, at = document.resolve(listed, (*steps, "responses", status))
            for media, content in response.get("content", {}).items():
                where = (*at, "content", media)
                yield from _of(document, says, f"{name} {status}", content, where)


def _sent(document: OpenApiDocument, says: str) -> Iterator[tuple[str, _Shown]]:
    for name, operation, steps in document.operations():
        for index, listed in enumerate(operation["parameters"]):
            parameter, at = document.resolve(listed, (*steps, "parameters", index))
            where = f"{name} {parameter['in']} {parameter['name']}"
            yield from _of(document, says, where, parameter, at)
        body, at = document.resolve(operation.get("requestBody", {}), (*steps, "requestBody"))
        for media, content in body.get("content", {}).items():
            yield from _of(document, says, f"{name} body", content, (*at, "content", media))


def _of(
    document: OpenApiDocument, says: str, where: str, item: Any, steps: Steps
) -> Iterator[tuple[str, _Shown]]:
    schema = item.get("schema", {})
    if "example" in item:
        yield where, (item["example"], schema, document.place(says, *steps, "example"))
    for key, listed in item.get("examples", {}).items():
        shown, at = document.resolve(listed, (*steps, "examples", key))
        if "value" in shown:
            place = document.place(says, *at, "value")
            yield f"{where} {key}", (shown["value"], schema, place)


def _objection(document: OpenApiDocument, schema: Any, example: Any) -> str | None:
    """Return the reason an example does not fit its schema, or None if it fits."""
    schemas = document.content.get("components", {}).get("schemas", {})
    whole = {
        **to_json_schema(schema),
        "$defs": {name: to_json_schema(each) for name, each in schemas.items()},
    }
    try:
        error = next(iter(jsonschema_rs.validator_for(whole).iter_errors(example)), None)
    except ValueError:
        return None  # a schema that is none is what Redocly says
    return error.message if error else None
