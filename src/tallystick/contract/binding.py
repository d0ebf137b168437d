"""Turns the names in the contract into functions: handlers, preconditions and credentials."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connexion.resolver import Resolver
from connexion.security import ApiKeySecurityHandler, BearerSecurityHandler
from connexion.spec import Specification
from connexion.utils import get_function_from_name

from tallystick.contract.document import METHODS, ContractError, Document
from tallystick.contract.recorded_changes import ChangeRecorder, changes, recorded
from tallystick.contract.request import Request
from tallystick.contract.scopes import required_scopes
from tallystick.contract.security import CREDENTIAL, SIGNED, Credential

PACKAGE = "tallystick.handlers"
"""The package with one module of handlers for each API."""


def snake_case(name: str) -> str:
    """Return a camel-case name in snake case: ``sendEvent`` becomes ``send_event``."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def resolver(
    documents: Sequence[Document],
    handlers: Mapping[str, Callable[..., Any]] = {},
    recorder: ChangeRecorder | None = None,
) -> Resolver:
    """Return a Connexion resolver for the handler of each operationId.

    It takes the one in `handlers`, or else loads it; it raises `ContractError` for a missing one.
    The `recorder` gets the successful changes of the handlers.
    """
    names = {
        operation["operationId"]: (document.api, _handler_name(operation))
        for document in documents
        for _, _, operation in document.operations()
    }
    changing = changes(documents, recorder.scheme) if recorder else {}

    def find_handler(operation_id: str) -> Callable[..., Any]:
        handler = handlers.get(operation_id) or _loaded(*names[operation_id])
        if recorder and operation_id in changing:
            return recorded(handler, operation_id, recorder, changing[operation_id])
        return handler

    return _IdResolver(find_handler)


class _IdResolver(Resolver):  # type: ignore[misc]  # Connexion is untyped
    """A resolver by the operationId alone, whatever module the contract names beside it."""

    def resolve_operation_id(self, operation: Any) -> str:
        operation_id: str = operation.operation_id
        return operation_id


def bound_handlers(
    specification: Specification, resolver: Resolver
) -> dict[str, Callable[..., Any]]:
    """Return the handlers by operationId, wrapped by Connexion."""
    operations = [
        specification.operation_cls(method, path, item[method], resolver)
        for path, item in specification["paths"].items()
        for method in METHODS
        if method in item
    ]
    return {operation.operation_id: operation.function for operation in operations}


def _handler_name(operation: Mapping[str, Any]) -> str:
    name: str = operation.get("x-handler") or operation["operationId"]
    return name


def precondition(api: str, operation: Mapping[str, Any]) -> Callable[..., Any] | None:
    """Return the function named by an operation's ``x-precondition``, or None.

    It runs after the parameters are read and before the body, and may raise a `Problem`.
    """
    name = operation.get("x-precondition")
    return _loaded(api, name) if name else None


def _loaded(api: str, name: str) -> Callable[..., Any]:
    where = f"{PACKAGE}.{api}.{snake_case(name)}"
    try:
        function = get_function_from_name(where)
    except (ImportError, AttributeError) as error:
        raise ContractError(f"{api}.yaml names {name}, which can't be loaded: {error}") from error
    if not callable(function):
        raise ContractError(f"{api}.yaml names {name}: {where} is not a function")
    return function  # type: ignore[no-any-return]  # `callable` narrows to object


def bind(joined: Mapping[str, Any], credentials: Mapping[str, Credential]) -> dict[str, Any]:
    """Return the joined contract with each scheme's function and each operation's scopes in it."""
    components = joined["components"]
    schemes = {
        name: _bound_scheme(scheme, credentials.get(name))
        for name, scheme in components.get("securitySchemes", {}).items()
    }
    paths = {
        path: {m: _scoped(part) if m in METHODS else part for m, part in item.items()}
        for path, item in joined["paths"].items()
    }
    return {**joined, "components": {**components, "securitySchemes": schemes}, "paths": paths}


def _bound_scheme(scheme: Mapping[str, Any], credential: Credential | None) -> dict[str, Any]:
    if credential is None:
        return dict(scheme)
    return {**scheme, CREDENTIAL: _function_of(credential, bool(scheme.get(SIGNED)))}


def _scoped(operation: Mapping[str, Any]) -> dict[str, Any]:
    scopes = required_scopes(operation)
    security = [
        {name: [*own, *scopes] for name, own in requirement.items()}
        for requirement in operation["security"]
    ]
    return {**operation, "security": security}


def _function_of(credential: Credential, signs_request: bool) -> Credential:
    # Connexion copies the contract deeply, and would copy a bound method's service with it.
    def authenticate(api_key: str, required_scopes: Any) -> Any:
        return credential(api_key, required_scopes)

    def authenticate_signed(api_key: str, required_scopes: Any, request: Any) -> Any:
        # Connexion hands over a request of its own, which carries ours.
        if not isinstance(request, Request):
            request = request.context["request"]
        return credential(api_key, required_scopes, request)

    return authenticate_signed if signs_request else authenticate


class _Bound:
    """A security handler with the function put into the scheme by `bind`."""

    def _resolve_func(self, security_scheme: Mapping[str, Any]) -> Credential:
        return security_scheme[CREDENTIAL]  # type: ignore[no-any-return]  # `bind` put it there


class _BoundApiKey(_Bound, ApiKeySecurityHandler):  # type: ignore[misc]  # Connexion is untyped
    pass


class _BoundBearer(_Bound, BearerSecurityHandler):  # type: ignore[misc]  # likewise
    def get_fn(self, security_scheme: Mapping[str, Any], required_scopes: Any) -> Any:
        # Connexion hands the scopes to a key's function, and none to a bearer's.
        function = self._resolve_func(security_scheme)
        return self._get_verify_func(lambda token: function(token, required_scopes))


SECURITY_MAP = {"apiKey": _BoundApiKey, "bearer": _BoundBearer}
"""Connexion's security handlers by type of scheme."""
