"""Parameters and headers in the normal form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.contract.path_template import template_names
from tallystick.contract.reader.codes import known_codes
from tallystick.contract.reader.findings import Findings
from tallystick.contract.reader.media_types import MediaTypes
from tallystick.contract.reader.members import keep_members
from tallystick.contract.reader.references import Node, References, Unresolved

STYLES: Mapping[str, tuple[str, ...]] = {
    "path": ("simple", "label", "matrix"),
    "query": ("form", "spaceDelimited", "pipeDelimited", "deepObject"),
    "header": ("simple",),
    "cookie": ("form", "cookie"),
}
"""The styles of each location; the first is the default."""

_NOT_PARAMETERS = frozenset(("accept", "content-type", "authorization"))
"""Headers that OpenAPI describes elsewhere."""

Key = tuple[str, str]
"""Location and name of a parameter."""


class ParameterReader:
    """Reads the parameters of operations, and the headers of responses."""

    def __init__(
        self,
        references: References,
        findings: Findings,
        media_types: MediaTypes,
        codes: Mapping[str, Any],
    ) -> None:
        self._references = references
        self._findings = findings
        self._media_types = media_types
        self._codes = codes

    def read_list(self, node: Node) -> dict[Key, dict[str, Any]]:
        """Return the parameters of a list by location and name; of a repeated one the first."""
        found: dict[Key, dict[str, Any]] = {}
        if not isinstance(node.value, list):
            self._findings.warn(node, "parameter-invalid", "must be a list: it is left out")
        for item in node.items():
            read = self._read_parameter(item)
            if read is None:
                continue
            key = (read["in"], read["name"])
            if key in found:
                self._findings.warn(
                    item, "parameter-repeated", f"{read['name']} is listed before: it is left out"
                )
            found.setdefault(key, read)
        return found

    def fit_to_path(
        self, node: Node, path: str, found: Mapping[Key, dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the parameters such that those in the path are its templates."""
        names = template_names(path)
        kept = []
        for (where, name), parameter in found.items():
            if where == "path" and name not in names:
                self._findings.warn(
                    node, "parameter-not-in-path", f"{name} is not in the path: it is left out"
                )
                continue
            kept.append(parameter)
        for name in names:
            if ("path", name) not in found:
                self._findings.warn(
                    node, "parameter-missing", f"has no parameter {name}: any text is taken"
                )
                kept.append(self._any_text(node, name))
        return kept

    def _any_text(self, node: Node, name: str) -> dict[str, Any]:
        schema = Node(node.file, node.steps, {"schema": {"type": "string"}})
        return {
            "name": name,
            "in": "path",
            "required": True,
            "style": "simple",
            "explode": False,
            "schema": self._media_types.read_schema(schema),
        }

    def _read_parameter(self, node: Node) -> dict[str, Any] | None:
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return None
        value = node.value
        if not isinstance(value, dict):
            self._findings.refuse(node, "parameter-invalid", "must be a parameter")
            return None
        name, where = value.get("name"), value.get("in")
        if not isinstance(name, str) or not name:
            self._findings.refuse(node, "parameter-without-name", "has no name")
            return None
        if not isinstance(where, str) or where not in STYLES:
            message = f"is in {where}: a parameter is in {', '.join(STYLES)}"
            self._findings.refuse(node, "parameter-location", message)
            return None
        if where == "header" and name.lower() in _NOT_PARAMETERS:
            message = f"{name} is no parameter for OpenAPI: it is left out"
            self._findings.warn(node, "parameter-ignored", message)
            return None
        return {"name": name, "in": where, **self._read_value(node, where)}

    def read_header(self, node: Node) -> dict[str, Any]:
        """Return a header of a response."""
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return {}
        if not isinstance(node.value, dict):
            self._findings.refuse(node, "header-invalid", "must be a header")
            return {}
        return self._read_value(node, "header")

    def _read_value(self, node: Node, where: str) -> dict[str, Any]:
        """Return what parameters and headers have in common."""
        taken = {"name", "in", "required", "style", "explode", "schema", "content"}
        taken |= {"example", "examples", "x-error-codes"}
        read = keep_members(node, self._findings, taken)
        read["required"] = self._read_required(node, where)
        read["style"] = self._read_style(node, where)
        explode = node.value.get("explode")
        spread = read["style"] in {"form", "cookie"}
        read["explode"] = explode if isinstance(explode, bool) else spread
        read |= self._read_schema_or_content(node)
        if examples := self._media_types.read_examples(node):
            read["examples"] = examples
        if "x-error-codes" in node.value:
            coded = node.child("x-error-codes")
            read["x-error-codes"] = known_codes(coded, self._codes, self._findings)
        return read

    def _read_required(self, node: Node, where: str) -> bool:
        required = node.value.get("required", False)
        if where == "path" and required is not True:
            self._findings.warn(
                node, "parameter-required", "is in the path, so required is true: it is required"
            )
            return True
        if not isinstance(required, bool):
            self._findings.warn(
                node, "parameter-required", "required must be true or false: it is false"
            )
        return required is True

    def _read_style(self, node: Node, where: str) -> str:
        style = node.value.get("style")
        if style is None or style in STYLES[where]:
            return style or STYLES[where][0]
        default = STYLES[where][0]
        message = f"style {style} is none of a {where}: it is read as {default}"
        self._findings.warn(node, "parameter-style", message)
        return default

    def _read_schema_or_content(self, node: Node) -> dict[str, Any]:
        if "schema" in node.value:
            if "content" in node.value:
                message = "has schema and content: content is left out"
                self._findings.warn(node, "parameter-invalid", message)
            return {"schema": self._media_types.read_schema(node)}
        content = node.value.get("content")
        read = self._media_types.read_content(node.child("content")) if content else {}
        if len(read) == 1:
            return {"content": read}
        message = "must have a schema, or a content of one media type: any text is taken"
        self._findings.warn(node, "parameter-invalid", message)
        return {"schema": self._media_types.read_schema(Node(node.file, node.steps, {}))}
