"""Schemas of OpenAPI 3.1 and 3.2, which are JSON Schema 2020-12 but for their references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.contract.meant_form import FORMS, note_forms
from tallystick.contract.subschemas import map_subschemas

DIALECT = "$schema"
"""The keyword that a schema of this dialect has at its root."""

_ANNOTATIONS = {
    FORMS,
    *"title description deprecated example examples externalDocs xml discriminator".split(),
    "$comment",
}


def to_defined(schema: Any) -> Any:
    """Return the schema with ``#/$defs/…`` in its references, without what does not constrain.

    Only schemas are read so: a ``$ref`` within an ``enum``, ``const`` or ``default`` is a value.
    """
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: value for key, value in schema.items() if key not in _ANNOTATIONS}
    result = map_subschemas(kept, to_defined)
    if "$ref" in schema:
        result["$ref"] = schema["$ref"].replace("#/components/schemas/", "#/$defs/")
    told_apart(result, schema)
    return bounded(result)


def told_apart(result: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Make a ``oneOf`` with a discriminator an ``anyOf``.

    A member of the value says which form is meant, so it may look like another one too.
    """
    note_forms(result, schema)
    if "discriminator" in schema and "oneOf" in result and "anyOf" not in result:
        result["anyOf"] = result.pop("oneOf")
        if "oneOf" in (codes := result.get("x-error-codes", {})):
            result["x-error-codes"] = {**codes, "anyOf": codes["oneOf"]}


BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""Format → the least and the greatest integer."""


def bounded(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema with the bounds of an integer's format."""
    if "integer" not in schema.get("type", ()) or schema.get("format") not in BOUNDS:
        return schema
    low, high = BOUNDS[schema["format"]]
    schema["minimum"] = max(low, schema.get("minimum", low))
    schema["maximum"] = min(high, schema.get("maximum", high))
    return schema
