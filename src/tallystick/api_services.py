"""Finds the service of each API by the name of its contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import Protocol

from tallystick.apis.service_context import Sample, ServiceContext
from tallystick.contract.answer import ErrorRenderer
from tallystick.contract.compiled import ApiBinding
from tallystick.contract.document import Document
from tallystick.contract.security import Credential


class Component(Protocol):
    """A part of the process, opened at the start and closed at the end."""

    async def open(self) -> None:
        """Load the content of the memory, and create the dev world if there is one."""

    async def close(self) -> None:
        """Finish all accepted work, and release everything opened."""


class ApiService(Component, Protocol):
    """An API's own behaviour, in ``apis/<api>/service.py``."""

    credentials: Mapping[str, Credential]

    def __init__(self, context: ServiceContext) -> None: ...

    def samples(self, base_url: str) -> list[Sample]:
        """Return the dev world's credentials, each with a command line to paste."""
        ...


def create_services(
    documents: Iterable[Document], context: ServiceContext
) -> dict[str, ApiService]:
    """Return the service of each contract, by the name of its API."""
    return {document.api: _service_class(document.api)(context) for document in documents}


def bind_services(
    documents: Sequence[Document], services: Mapping[str, ApiService]
) -> list[ApiBinding]:
    """Return each contract with its service, its error renderer and its error codes."""
    return [
        ApiBinding(document, services[document.api], _error_renderer(document.api), document.codes)
        for document in documents
    ]


def _service_class(api: str) -> Callable[[ServiceContext], ApiService]:
    module = import_module(f"tallystick.apis.{api}.service")
    name = api.title().replace("_", "") + "Service"  # event_store: EventStoreService
    return getattr(module, name)  # type: ignore[no-any-return]  # ApiService says what it has


def _error_renderer(api: str) -> ErrorRenderer:
    return import_module(f"tallystick.apis.{api}.error_format").render  # type: ignore[no-any-return]  # every API has one
