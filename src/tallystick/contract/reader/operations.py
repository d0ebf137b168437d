"""Path items and their operations in the normal form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tallystick.contract.document import METHODS
from tallystick.contract.path_template import template_names
from tallystick.contract.reader.codes import known_codes
from tallystick.contract.reader.findings import Findings, Needs
from tallystick.contract.reader.members import keep_members
from tallystick.contract.reader.parameters import Key, ParameterReader
from tallystick.contract.reader.references import Node, References, Unresolved
from tallystick.contract.reader.responses import ResponseReader
from tallystick.contract.reader.security import SecurityReader
from tallystick.contract.reader.unique_names import UniqueNames

_TEMPLATE = re.compile(r"\{[^{}/]+\}")
_WORD = re.compile(r"[A-Za-z0-9]+")
_NOT_SERVED = ("query", "additionalOperations")
_SHARED = ("servers", "summary", "description")
_READ = frozenset(
    "operationId parameters requestBody responses security callbacks x-error-codes".split()
)
_ITEM = frozenset((*METHODS, *_NOT_SERVED, "parameters", "$ref"))

ReadOperation = tuple[str, str, Node, dict[str, Any], Needs]
"""Path, method, place, content, and what the operation needs."""


class OperationReader:
    """Reads the operations of one document."""

    def __init__(
        self,
        references: References,
        findings: Findings,
        parameters: ParameterReader,
        responses: ResponseReader,
        security: SecurityReader,
        codes: Mapping[str, Any],
        taken: Iterable[str],
    ) -> None:
        self._references = references
        self._findings = findings
        self._parameters = parameters
        self._responses = responses
        self._security = security
        self._codes = codes
        self._ids = UniqueNames(taken)
        self._seen: dict[tuple[str, str], str] = {}

    def read_paths(self, paths: Node) -> Iterator[ReadOperation]:
        """Yield the operations of all paths."""
        for path, node in paths.members():
            if path.startswith("x-"):
                continue
            if fault := _path_fault(path):
                self._findings.refuse(node, "path-invalid", f"{fault}: it is left out")
                continue
            try:
                item = self._merged(node)
            except Unresolved as error:
                self._findings.refuse(node, error.rule, f"{error}: the path is left out")
                continue
            yield from self._read_item(path, item)

    def _merged(self, node: Node) -> Node:
        """Return a path item with the target of its reference."""
        target = self._references.follow(node)
        if target is node or len(node.value) == 1:
            return target
        self._findings.warn(
            node, "path-item-ref", "has a $ref and more: what stands beside it is left out"
        )
        return target

    def _read_item(self, path: str, item: Node) -> Iterator[ReadOperation]:
        if not isinstance(item.value, dict):
            self._findings.refuse(item, "path-item-invalid", "must be a mapping: it is left out")
            return
        for name in _NOT_SERVED:
            if name in item.value:
                self._findings.refuse(item.child(name), "method-not-served", "is not served")
        with self._findings.collecting() as shared_needs:
            shared = self._read_parameters(item)
            kept = keep_members(item, self._findings, _ITEM)
        above = {name: kept[name] for name in _SHARED if name in kept}
        for method in METHODS:
            if method in item.value:
                with self._findings.collecting() as needs:
                    self._findings.need(shared_needs)
                    operation = self._followed(item.child(method))
                    read = self._read_operation(path, method, operation, above, shared)
                yield path, method, operation, read, needs

    def _followed(self, node: Node) -> Node:
        """Return an operation; many documents keep it in a file of its own."""
        try:
            return self._references.follow(node)
        except Unresolved as error:
            self._findings.refuse(node, error.rule, str(error))
            return Node(node.file, node.steps, {"responses": {"default": {"description": ""}}})

    def _read_parameters(self, node: Node) -> dict[Key, dict[str, Any]]:
        if node.value.get("parameters") is None:
            return {}
        return self._parameters.read_list(node.child("parameters"))

    def _read_operation(
        self,
        path: str,
        method: str,
        node: Node,
        above: Mapping[str, Any],
        shared: Mapping[Key, dict[str, Any]],
    ) -> dict[str, Any]:
        """Return an operation with what stands `above` it, and the parameters `shared` there."""
        if not isinstance(node.value, dict):
            self._findings.refuse(node, "operation-invalid", "must be an operation")
            return {}
        self._refuse_seen(path, method, node)
        read = {**above, **keep_members(node, self._findings, _READ)}
        read["operationId"] = self._read_id(path, method, node)
        parameters = {**shared, **self._read_parameters(node)}
        read["parameters"] = self._parameters.fit_to_path(node, path, parameters)
        if node.value.get("requestBody") is not None:
            body = self._responses.read_body(node.child("requestBody"))
            read |= {"requestBody": body} if body else {}
        read["responses"] = self._responses.read_responses(node)
        read["security"] = self._security.read_security(node)
        if "x-error-codes" in node.value:
            coded = node.child("x-error-codes")
            read["x-error-codes"] = known_codes(coded, self._codes, self._findings)
        return read

    def _refuse_seen(self, path: str, method: str, node: Node) -> None:
        """Refuse an operation whose path differs from an earlier one by names alone."""
        key = (_TEMPLATE.sub("{}", path), method)
        earlier = self._seen.setdefault(key, path)
        if earlier != path:
            self._findings.refuse(node, "path-ambiguous", f"is at the same path as {earlier}")

    def _read_id(self, path: str, method: str, node: Node) -> str:
        declared = node.value.get("operationId")
        stem = declared if isinstance(declared, str) and declared else make_id(path, method)
        found = self._ids.add_name(stem)
        if found != stem and stem == declared:
            self._findings.warn(
                node, "operation-id-repeated", f"operationId {stem} is taken: it is {found} here"
            )
        return found


def make_id(path: str, method: str) -> str:
    """Return the operationId of an operation without one: ``getCustomersId``."""
    words = _WORD.findall(path)
    return method + "".join(word[0].upper() + word[1:] for word in words)


def _path_fault(path: str) -> str | None:
    if not path.startswith("/"):
        return "a path begins with /"
    if "?" in path or "#" in path:
        return "a path has no query and no fragment"
    if set("{}") & set(_TEMPLATE.sub("", path)):
        return "its braces are no templates"
    repeated = [name for name, count in Counter(template_names(path)).items() if count > 1]
    if repeated:
        return f"{repeated[0]} is in the path twice"
    return None
