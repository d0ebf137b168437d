"""The schemas of what an operation takes and answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.media_types import find_json
from tallystick.contract.schema_shape import SchemaShape

Node = Mapping[str, Any]


def request_schemas(operation: Node) -> Iterator[Node]:
    """Yield the schema of each media type of a request."""
    for media in operation.get("requestBody", {}).get("content", {}).values():
        yield media.get("schema", {})


def sent_shapes(document: Document, operation: Node) -> Iterator[SchemaShape]:
    """Yield the shape of what an operation takes in the first of its media types."""
    for schema in request_schemas(operation):
        yield SchemaShape(schema, document.content)
        return


def success_schemas(operation: Node) -> Iterator[Node]:
    """Yield the schema of the JSON in each successful answer."""
    for status, response in operation["responses"].items():
        if str(status).startswith("2") or status == "default":
            content = response.get("content", {})
            schema = content.get(find_json(content) or "", {}).get("schema")
            if schema:
                yield schema
