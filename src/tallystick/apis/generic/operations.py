"""The operations of a contract, as the generic service answers them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tallystick.apis.generic.listing import is_cursor
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
    takes_cursor: bool = False
    """Whether a query parameter takes the place of a page from the answer before."""

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
    def sent(self) -> Any:
        """What its body sends of a resource, without what wraps it there."""
        resource = self.operation.resource
        return resource.sent.item_in(self.body) if resource else self.body

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
            any(map(is_cursor, _query_names(document, operation))),
        )
        for path, method, operation in document.operations()
    ]


def _query_names(document: Document, operation: Mapping[str, Any]) -> Iterator[str]:
    for parameter in map(document.resolve, operation.get("parameters", ())):
        if parameter["in"] == "query":
            yield parameter["name"]
