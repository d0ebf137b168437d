"""Finds the service of each API by the name of its contract."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from tallystick.apis.service_context import Sample, ServiceContext
from tallystick.contract.answer import ErrorRenderer
from tallystick.contract.compiled import ApiBinding
from tallystick.contract.document import Document
from tallystick.contract.own_handlers import find_handler, load_package
from tallystick.contract.security import Credential

if TYPE_CHECKING:
    from tallystick.apis.generic.service import GenericService


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
    return {document.api: _create_service(document, context) for document in documents}


def bind_services(
    documents: Sequence[Document], services: Mapping[str, ApiService]
) -> list[ApiBinding]:
    """Return each contract with its service, its error renderer and its error codes."""
    return [
        _bind_foreign(document, services[document.api])
        if document.is_foreign
        else ApiBinding(
            document, services[document.api], _error_renderer(document.api), document.codes
        )
        for document in documents
    ]


def foreign_handlers(
    documents: Iterable[Document], services: Mapping[str, ApiService], package: str
) -> dict[str, Callable[..., Any]]:
    """Return what answers the operations of foreign contracts, by operationId.

    A function of the package, where it has one, and else the generic service.
    """
    if package:
        load_package(package)
    handlers = {}
    for document in documents:
        for _, _, operation in document.operations() if document.is_foreign else ():
            id_ = operation["operationId"]
            own = find_handler(package, operation) if package else None
            handlers[id_] = own or _generic(services[document.api]).handler(id_)
    return handlers


def _create_service(document: Document, context: ServiceContext) -> ApiService:
    if document.is_foreign:
        from tallystick.apis.generic.service import GenericService

        return GenericService(context, document)
    return _service_class(document.api)(context)


def _bind_foreign(document: Document, service: ApiService) -> ApiBinding:
    generic = _generic(service)
    render = generic.render_errors(None)
    return ApiBinding(document, service, render, document.codes, generic.render_errors)


def _generic(service: ApiService) -> GenericService:
    from tallystick.apis.generic.service import GenericService

    assert isinstance(service, GenericService)
    return service


def _service_class(api: str) -> Callable[[ServiceContext], ApiService]:
    module = import_module(f"tallystick.apis.{api}.service")
    name = api.title().replace("_", "") + "Service"  # event_store: EventStoreService
    return getattr(module, name)  # type: ignore[no-any-return]  # ApiService says what it has


def _error_renderer(api: str) -> ErrorRenderer:
    return import_module(f"tallystick.apis.{api}.error_format").render  # type: ignore[no-any-return]  # every API has one
