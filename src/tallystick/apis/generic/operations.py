"""The operations of a contract, as the generic service answers them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from tallystick.apis.generic.list_query import is_limit, is_page_number
from tallystick.apis.generic.resource_type import ResourceOperation
from tallystick.apis.generic.resources import find_resources
from tallystick.apis.generic.update_mask import Mask, find_mask
from tallystick.contract.document import Document
from tallystick.contract.page_names import BACKWARD_CURSORS, CURSORS, is_cursor, named_parts
from tallystick.contract.request import Request
from tallystick.contract.schema_shape import SchemaShape

_KEY = re.compile(r"idempoten", re.IGNORECASE)
_VERSION = "if-match"
_FULL = ("uri", "url")
"""Formats of an address with its host."""

WITHOUT_EFFECT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


class ContractOperation(NamedTuple):
    """One operation of a contract."""

    id: str
    path: str
    method: str
    error_api: str
    resource: ResourceOperation | None
    cursors: frozenset[str] = frozenset()
    """The query parameters for the place of a page, from the answer before."""
    key_header: str = ""
    """The header by which a call is known again; empty where the contract has none."""
    takes_version: bool = False
    """Whether a header tells the version that a change is about (``If-Match``)."""
    has_caller: bool = False
    """Whether a call may have a credential."""
    page_numbers: tuple[str, ...] = ()
    """The query parameters that name a page by its number, or by the items before it."""
    limits: tuple[str, ...] = ()
    """The query parameters for the most items of a page."""
    backward: frozenset[str] = frozenset()
    """The query parameters for the item behind a page."""
    has_full_location: bool = False
    """Whether a success has a header ``Location`` with a whole address."""

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
    caller: Any = None
    """Who calls, as the credentials' functions tell it."""

    @property
    def key(self) -> str:
        """The key by which the same call is known again; empty without one."""
        name = self.operation.key_header
        return (self.request.header(name.encode()) or "").strip() if name else ""

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
    def sent_whole(self) -> Any:
        """What its body sends of a resource, with the defaults of its request."""
        resource = self.operation.resource
        return resource.sent.whole_item_in(self.body) if resource else self.body

    @property
    def mask(self) -> Mask:
        """The members of a change by its query; none for all sent ones."""
        return find_mask(self.query)

    @property
    def accept(self) -> str:
        """The media types that the caller takes, as it says; empty where it says nothing."""
        return self.request.header(b"accept") or ""

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
        _operation(document, path, method.upper(), operation, found)
        for path, method, operation in document.operations()
    ]


def _operation(
    document: Document,
    path: str,
    method: str,
    operation: Mapping[str, Any],
    found: Mapping[str, ResourceOperation],
) -> ContractOperation:
    names = partial(_parameter_names, document, operation)
    resource = found.get(operation["operationId"])
    item = SchemaShape(resource.type.item_schema if resource else {}, document.content)
    parameters = _parameters(document, operation)
    # One with the name of an item's member filters.
    of_pages = [
        part
        for each in parameters
        if each["name"] not in item.properties
        for part in named_parts(each, document.content)
    ]
    cursors, backward = (
        frozenset(each["name"] for each in of_pages if is_cursor(each, document.content, known))
        for known in (CURSORS, BACKWARD_CURSORS)
    )
    counts = [each["name"] for each in of_pages if each["in"] == "query"]
    has_effect = method not in WITHOUT_EFFECT
    keys = (name for name in names("header") if has_effect and _KEY.search(name))
    return ContractOperation(
        operation["operationId"],
        path,
        method,
        document.api,
        resource,
        cursors,
        next(keys, "").lower(),
        has_effect and _VERSION in map(str.lower, names("header")),
        any(operation.get("security", ())),
        tuple(filter(is_page_number, counts)),
        tuple(filter(is_limit, counts)),
        backward,
        _has_full_location(document, operation),
    )


def _has_full_location(document: Document, operation: Mapping[str, Any]) -> bool:
    for response in map(document.resolve, operation["responses"].values()):
        for name, header in response.get("headers", {}).items():
            schema = document.resolve(header).get("schema", {})
            shape = SchemaShape(schema, document.content)
            if name.lower() == "location" and shape.keywords.get("format") in _FULL:
                return True
    return False


def _parameters(document: Document, operation: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from map(document.resolve, operation.get("parameters", ()))


def _parameter_names(document: Document, operation: Mapping[str, Any], place: str) -> Iterator[str]:
    found = _parameters(document, operation)
    yield from (each["name"] for each in found if each["in"] == place)
