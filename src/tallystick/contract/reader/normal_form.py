"""One document in the normal form, as far as it can be served."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from tallystick.contract.reader.codes import read_code_table
from tallystick.contract.reader.findings import Findings, Needs, PlacedFault, spread
from tallystick.contract.reader.media_types import MediaTypes
from tallystick.contract.reader.members import keep_members, list_tags
from tallystick.contract.reader.misplaced import find_components, follow_mapping
from tallystick.contract.reader.operations import OperationReader, ReadOperation
from tallystick.contract.reader.parameters import ParameterReader
from tallystick.contract.reader.references import Node, References
from tallystick.contract.reader.responses import ResponseReader
from tallystick.contract.reader.schemas import SchemaReader, TooMuchWork
from tallystick.contract.reader.security import SecurityReader

_VERSION = re.compile(r"3\.[012](\.\d+)?(-.+)?")
_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NOT_KEPT = frozenset(
    "openapi info tags paths components security webhooks x-codes x-http-responses".split()
)


def is_readable(root: Node, findings: Findings) -> bool:
    """Return whether a text is an OpenAPI document that can be read; the findings say why not."""
    content = root.value
    if not isinstance(content, dict):
        findings.refuse(root, "not-openapi", "is not an OpenAPI document: it is no mapping")
    elif "swagger" in content:
        message = f"is Swagger {content['swagger']}: convert it to OpenAPI 3, as by swagger2openapi"
        findings.refuse(root.child("swagger"), "swagger", message)
    elif "openapi" not in content:
        message = "is not an OpenAPI document: it has no openapi at its top"
        findings.refuse(root, "not-openapi", message)
    elif not _VERSION.fullmatch(str(content["openapi"])):
        message = f"is OpenAPI {content['openapi']}: 3.0, 3.1 and 3.2 are read"
        findings.refuse(root.child("openapi"), "openapi-version", message)
    else:
        return True
    return False


class NormalForm:
    """Reads one document."""

    def __init__(
        self, references: References, findings: Findings, root: Node, api: str, ids: Collection[str]
    ) -> None:
        self._references = references
        self._findings = findings
        self._root = root
        is_3_0 = str(root.value["openapi"]).startswith("3.0")
        self._codes = codes = read_code_table(root, findings)
        self._schemas = schemas = SchemaReader(references, findings, root, api, codes, is_3_0)
        self._security = SecurityReader(references, findings, root, api)
        media_types = MediaTypes(references, findings, schemas)
        parameters = ParameterReader(references, findings, media_types, codes)
        responses = ResponseReader(references, findings, media_types, parameters, codes, is_3_0)
        self._responses = responses
        self._operations = OperationReader(
            references, findings, parameters, responses, self._security, codes, ids
        )

    def read_document(self) -> dict[str, Any]:
        """Return the content; ``paths`` is empty where nothing can be served."""
        root = self._root
        read = keep_members(root, self._findings, _NOT_KEPT)
        read["openapi"] = str(root.value["openapi"])
        read["tags"] = list_tags(root.child("tags"), self._findings) if "tags" in root.value else []
        read["info"] = self._read_info()
        if self._codes:
            read["x-codes"] = self._codes
        if base_path := self._read_base_path():
            read["x-base-path"] = base_path
        try:
            read |= self._read_parts()
        except TooMuchWork:
            message = "its references multiply its schemas beyond the bound"
            self._findings.refuse(self._root, "too-much-work", message)
            read |= {"paths": {}, "components": {}}
        return read

    def _read_parts(self) -> dict[str, Any]:
        schemas = self._schemas
        schemas.declare(find_components(self._root, "schemas", self._references, self._findings))
        operations = self._read_operations()
        http = self._read_http_responses()
        schemas.read_components()
        unserved = spread(schemas.needs)
        served = {name: read for name, read in schemas.components.items() if name not in unserved}
        return {
            "paths": self._list_served(operations, unserved),
            "components": {"schemas": served, "securitySchemes": self._security.schemes},
            **http,
        }

    def _read_http_responses(self) -> dict[str, Any]:
        """Return the answers of what HTTP itself refuses."""
        if "x-http-responses" not in self._root.value:
            return {}
        declared = self._root.child("x-http-responses")
        return {"x-http-responses": self._responses.read_statuses(declared)}

    def _read_operations(self) -> list[ReadOperation]:
        if "paths" not in self._root.value:
            return []
        paths = follow_mapping(self._root.child("paths"), self._references, self._findings)
        return list(self._operations.read_paths(paths))

    def _list_served(
        self, operations: list[ReadOperation], unserved: dict[str, PlacedFault]
    ) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for path, method, node, read, needs in operations:
            cause = _cause(needs, unserved)
            if cause is None:
                paths.setdefault(path, {})[method] = read
            elif not cause.is_within(node):
                self._findings.leave_out(node, f"{method.upper()} {path}", cause)
        return paths

    def _read_info(self) -> dict[str, Any]:
        root = self._root
        has_info = isinstance(root.value.get("info"), dict)
        read = (
            keep_members(root.child("info"), self._findings, ("title", "version"))
            if has_info
            else {}
        )
        for member, default in (("title", "API"), ("version", "0")):
            given = root.value["info"].get(member) if has_info else None
            if given is None:
                self._findings.warn(root, "info-missing", f"info has no {member}")
            read[member] = default if given is None else str(given)
        return read

    def _read_base_path(self) -> str:
        """Return the path of the first server, without a slash at its end."""
        servers = self._root.value.get("servers")
        if not isinstance(servers, list) or not servers or not isinstance(servers[0], dict):
            return ""
        node = self._root.child("servers").child(0)
        url = _VARIABLE.sub(
            lambda found: _default(node.value, found[1]), str(node.value.get("url"))
        )
        try:
            path = urlsplit(url).path.rstrip("/")
        except ValueError:
            path = "{"
        if "{" in path:
            self._findings.warn(node, "server-invalid", "is no URL: its path is not served")
            return ""
        return path if path.startswith("/") or not path else f"/{path}"


def _default(server: dict[str, Any], variable: str) -> str:
    variables = server.get("variables")
    declared = variables.get(variable) if isinstance(variables, dict) else None
    default = declared.get("default") if isinstance(declared, dict) else None
    return "{" + variable + "}" if default is None else str(default)


def _cause(needs: Needs, unserved: dict[str, PlacedFault]) -> PlacedFault | None:
    """Return the fault that keeps from service what has these needs."""
    for need in needs:
        found = need if isinstance(need, PlacedFault) else unserved.get(need)
        if found is not None:
            return found
    return None
