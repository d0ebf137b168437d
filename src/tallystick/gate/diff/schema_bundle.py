"""Makes one JSON Schema of a schema and all its references."""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from tallystick.contract.reader.findings import Findings, spread
from tallystick.contract.reader.references import Node
from tallystick.contract.reader.schemas import SchemaReader, TooMuchWork
from tallystick.contract.schema import to_json_schema
from tallystick.gate.openapi_document import NotUnderstood, OpenApiDocument


def find_objection(document: OpenApiDocument, schema: Node, example: Any) -> str | None:
    """Return the reason an example does not fit its schema; None if it fits.

    A schema without a possible validator objects to nothing: the comparison of schemas tells.
    Raises `NotUnderstood` for a schema that can't be read.
    """
    whole = _bundle(document, schema)
    try:
        error = next(iter(jsonschema_rs.validator_for(whole).iter_errors(example)), None)
    except ValueError:
        return None
    return error.message if error else None


def _bundle(document: OpenApiDocument, schema: Node) -> dict[str, Any]:
    """Return a schema as JSON Schema; raise `NotUnderstood` for a part that can't be read."""
    findings = Findings()
    reader = SchemaReader(
        document.references, findings, document.root, "schema", {}, document.is_3_0
    )
    try:
        with findings.collecting() as needs:
            whole = reader.read_root(schema)
        reader.read_components()
    except TooMuchWork:
        raise NotUnderstood(schema, "its references multiply beyond the bound") from None
    for fault in spread({"": needs, **reader.needs}).values():
        raise NotUnderstood(Node(fault.file, fault.steps, None), fault.message)
    definitions = {name: to_json_schema(each) for name, each in reader.components.items()}
    return {**to_json_schema(whole), "$defs": definitions}
