"""The operations of a contract, as the generic service answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.resources import ResourceOperation, find_resources
from tallystick.contract.document import Document
from tallystick.contract.request import Request

WITHOUT_EFFECT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class ContractOperation(NamedTuple):
    """One operation of a contract."""

    id: str
    path: str
    method: str
    error_api: str
    resource: ResourceOperation | None

    @property
    def has_effect(self) -> bool:
        """Whether a call may change something."""
        return self.method not in WITHOUT_EFFECT


class ContractCall(NamedTuple):
    """A call that keeps the contract."""

    operation: ContractOperation
    values: Mapping[str, Any]
    """``path``, ``query``, ``header`` and ``cookie`` → name → value, and ``body`` → its value."""
    request: Request

    @property
    def body(self) -> Any:
        """The value of its body; None where it has none."""
        return self.values.get("body")

    @property
    def path_values(self) -> Mapping[str, Any]:
        """The values of the templates in its path."""
        values: Mapping[str, Any] = self.values.get("path", {})
        return values

    @property
    def query(self) -> Mapping[str, Any]:
        """The values of its query parameters."""
        values: Mapping[str, Any] = self.values.get("query", {})
        return values


def list_operations(document: Document) -> list[ContractOperation]:
    """Return all operations of a contract, with the resources that they work on."""
    found = find_resources(document)
    return [
        ContractOperation(
            operation["operationId"],
            path,
            method.upper(),
            document.api,
            found.get(operation["operationId"]),
        )
        for path, method, operation in document.operations()
    ]
