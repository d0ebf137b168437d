"""Request bodies and responses in the normal form."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from tallystick.contract.reader.codes import listed_codes
from tallystick.contract.reader.findings import Findings, Needs
from tallystick.contract.reader.media_types import MediaTypes
from tallystick.contract.reader.members import keep_members
from tallystick.contract.reader.misplaced import follow_mapping
from tallystick.contract.reader.parameters import ParameterReader
from tallystick.contract.reader.references import Node, References, Unresolved

_READ = frozenset("headers content links x-codes".split())
_STATUS = re.compile(r"[1-5][0-9][0-9]|[1-5]XX|default")


class ResponseReader:
    """Reads the request bodies and responses of operations; shared ones once."""

    def __init__(
        self,
        references: References,
        findings: Findings,
        media_types: MediaTypes,
        parameters: ParameterReader,
        codes: Container[str],
        must_be_declared: bool,
    ) -> None:
        """`must_be_declared`: an operation must say what it answers, as in OpenAPI 3.0."""
        self._references = references
        self._findings = findings
        self._media_types = media_types
        self._parameters = parameters
        self._codes = codes
        self._must_be_declared = must_be_declared
        self._read: dict[tuple[str, tuple[str | int, ...]], tuple[dict[str, Any], Needs]] = {}

    def read_body(self, node: Node) -> dict[str, Any] | None:
        """Return a request body; None where it says nothing."""
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return None
        if not isinstance(node.value, dict):
            self._findings.refuse(node, "body-invalid", "must be a request body")
            return None
        content = (
            self._media_types.read_content(node.child("content"))
            if ("content" in node.value)
            else {}
        )
        if not content:
            self._findings.warn(node, "body-invalid", "has no media type: any body is ignored")
            return None
        kept = keep_members(node, self._findings, ("content", "required"))
        return {**kept, "required": node.value.get("required") is True, "content": content}

    def read_responses(self, operation: Node) -> dict[str, Any]:
        """Return the responses of an operation by status."""
        if "responses" not in operation.value:
            if self._must_be_declared:
                self._findings.warn(operation, "responses-missing", "declares no responses")
            return {}
        return self.read_statuses(operation.child("responses"))

    def read_statuses(self, node: Node) -> dict[str, Any]:
        """Return responses by status: ``200``, ``4XX``, ``default``."""
        node = follow_mapping(node, self._references, self._findings)
        if not isinstance(node.value, dict):
            self._findings.warn(node, "responses-invalid", "must map statuses to responses")
        found = {}
        for status, response in node.members():
            fit = status if status == "default" else status.upper()
            if _STATUS.fullmatch(fit):
                found[fit] = self._read_once(response)
            elif not status.startswith("x-"):
                message = f"{status} is no status: it is left out"
                self._findings.warn(response, "response-status", message)
        return found

    def _read_once(self, node: Node) -> dict[str, Any]:
        try:
            node = self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return {}
        if node.key not in self._read:
            with self._findings.collecting() as needs:
                self._read[node.key] = self._read_response(node), needs
        read, needs = self._read[node.key]
        self._findings.need(needs)
        return read

    def _read_response(self, node: Node) -> dict[str, Any]:
        value = node.value
        if not isinstance(value, dict):
            self._findings.refuse(node, "response-invalid", "must be a response")
            return {}
        if value.get("description") is None:
            self._findings.warn(node, "response-description", "has no description")
        read = {"description": "", **keep_members(node, self._findings, _READ)}
        read["headers"] = self._read_headers(node)
        content = "content" in value and value["content"] is not None
        read["content"] = self._media_types.read_content(node.child("content")) if content else {}
        if "x-codes" in value:
            read["x-codes"] = listed_codes(node.child("x-codes"), self._codes, self._findings)
        if "links" in value:
            read["links"] = self._read_links(node.child("links"))
        return read

    def _read_headers(self, node: Node) -> dict[str, Any]:
        headers = node.child("headers") if "headers" in node.value else node
        return {
            name: self._parameters.read_header(header)
            for name, header in (headers.members() if headers is not node else ())
            if name.lower() != "content-type"
        }

    def _read_links(self, node: Node) -> dict[str, Any]:
        found = {}
        for name, link in node.members():
            try:
                found[name] = self._references.follow(link).value
            except Unresolved as error:
                self._findings.warn(link, error.rule, f"{error}: the link is left out")
        return found
