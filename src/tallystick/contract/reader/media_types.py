"""Media types and examples in the normal form."""

from __future__ import annotations

import re
from typing import Any

from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.members import keep_members
from tallystick.contract.reader.misplaced import follow_mapping
from tallystick.contract.reader.references import Node, References, Unresolved
from tallystick.contract.reader.schemas import SchemaReader

_READ = frozenset("schema itemSchema example examples encoding".split())
_MEDIA_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+(\s*;.*)?")


class MediaTypes:
    """Reads ``content``, and the schema and examples of parameters and headers."""

    def __init__(self, references: References, findings: Findings, schemas: SchemaReader) -> None:
        self._references = references
        self._findings = findings
        self._schemas = schemas

    def read_content(self, node: Node) -> dict[str, Any]:
        """Return the media types of a ``content``, each with schema and examples."""
        node = follow_mapping(node, self._references, self._findings)
        if not isinstance(node.value, dict):
            self._findings.warn(node, "content-invalid", "must map media types: it is left out")
            return {}
        return {
            name: self._read_media_type(media)
            for name, media in node.members()
            if self._is_media_type(name, media)
        }

    def _is_media_type(self, name: str, node: Node) -> bool:
        if not _MEDIA_TYPE.fullmatch(name):
            self._findings.warn(node, "content-invalid", f"{name} is no media type: it is left out")
            return False
        return True

    def _read_media_type(self, node: Node) -> dict[str, Any]:
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return {}
        if not isinstance(node.value, dict):
            if node.value is not None:
                self._findings.warn(node, "content-invalid", "must be a mapping: any body is taken")
            return {"schema": self._schemas.read_root(Node(node.file, node.steps, {}))}
        value = node.value
        read = keep_members(node, self._findings, _READ)
        if "itemSchema" in value:
            read["itemSchema"] = self._schemas.read_root(node.child("itemSchema"))
        if isinstance(value.get("encoding"), dict):
            read["encoding"] = {
                name: self._read_encoding(encoding)
                for name, encoding in node.child("encoding").members()
                if isinstance(encoding.value, dict)
            }
        read["schema"] = self.read_schema(node)
        examples = self.read_examples(node)
        return {**read, "examples": examples} if examples else read

    def _read_encoding(self, node: Node) -> dict[str, Any]:
        """Return how a property is written, without the headers of its part, which none judges."""
        return keep_members(node, self._findings, ("headers",))

    def read_schema(self, node: Node) -> dict[str, Any]:
        """Return the root schema of a media type, a parameter or a header; any value without."""
        schema = node.child("schema") if "schema" in node.value else Node(node.file, node.steps, {})
        return self._schemas.read_root(schema)

    def read_examples(self, node: Node) -> dict[str, Any]:
        """Return examples by name; a single one is named ``default``."""
        found: dict[str, Any] = {}
        if "example" in node.value:
            found["default"] = {"value": node.value["example"]}
        if "examples" in node.value:
            for name, example in node.child("examples").members():
                self._read_example(name, example, found)
        return found

    def _read_example(self, name: str, node: Node, found: dict[str, Any]) -> None:
        try:
            value = self._references.follow(node).value
        except Unresolved as error:
            self._findings.warn(node, error.rule, f"{error}: the example is left out")
            return
        kind = "value" if isinstance(value, dict) and "value" in value else "dataValue"
        if not isinstance(value, dict):
            self._findings.warn(node, "example-invalid", "must have a value: it is left out")
        elif kind in value:
            kept = {key: value[key] for key in ("summary", "description") if key in value}
            found[name] = {**kept, "value": value[kind]}
