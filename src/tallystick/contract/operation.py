"""One operation of the contract, compiled to all the steps of a request."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import CoroutineType
from typing import Any

from tallystick.contract import binding, body
from tallystick.contract.answer import Answer, as_answer
from tallystick.contract.body import Receive, RequestBody
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Invalid, Problem, Violation
from tallystick.contract.parameters import Parameters
from tallystick.contract.path_template import template_names
from tallystick.contract.request import Request
from tallystick.contract.security import Security

CONTEXT = frozenset({"body", "service", "token_info", "request", "values", "caller_address"})
"""Names of arguments that a handler gets beside its parameters, if it has them."""

_ENCODING = b"content-encoding"
STREAM = "text/event-stream"

_KINDS = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Operation:
    """An operation: it checks a request against its contract and calls the handler.

    Its readers of parameters and body are compiled by `compile`, or else for its first request.

    The order is: credential, parameters, precondition, body, handler.

    A handler gets the parameters of path and query as keywords, as Connexion hands them over, and
    what else it names: ``body``, ``service``, ``token_info``, ``request``, ``caller_address``. One
    that names ``values`` gets no parameter as a keyword but all by place and name:
    ``values["path"]["id"]``, and likewise those of ``query``, ``header`` and ``cookie``, defaults
    filled in, each a mapping of the contract's own names; ``values["body"]`` is the body. These
    words are taken: a parameter called ``body`` or ``request`` is reached by `values` alone.
    """

    def __init__(
        self,
        api: str,
        path: str,
        method: str,
        content: Mapping[str, Any],
        definitions: Mapping[str, Any],
        schemes: Mapping[str, Mapping[str, Any]],
        service: object,
        body_limit: int,
        handler: Callable[..., Any],
        base_path: str = "",
    ) -> None:
        self.api = api
        self.error_api: str = content.get("x-errors", api)
        """The API whose error shape this operation's problems have."""
        self.path = path
        self.base_path = base_path
        """The path of the document's server, under which the operation is reached too."""
        self.method = method
        self.id: str = content["operationId"]
        self.has_effect = method != "GET" or bool(content.get("x-effect"))
        self.is_lenient = bool(content.get("x-lenient-content-type"))
        """True if a body of any media type, or without one, is read as JSON."""
        self.is_stream = any(
            STREAM in r.get("content", ()) for r in content.get("responses", {}).values()
        )
        """True if an answer of it has no end of its own."""
        self.service = service
        self._limit = body_limit
        self._handler = handler
        self._content = content
        self._definitions = definitions
        self._codes: Mapping[str, str] = content.get("x-error-codes", {})
        self._harmless = _harmless(content, schemes)
        self._is_async = inspect.iscoroutinefunction(self._handler)
        self._wants, self._wants_everything = _signature(self._handler)
        self._wants_request = "request" in self._wants
        self._wants_values = "values" in self._wants
        self._wants_address = "caller_address" in self._wants
        try:
            self._precondition = binding.precondition(api, content)
            self._wants_before, _ = _signature(self._precondition)
            self.security = Security(content, schemes, has_effect=self.has_effect)
        except ContractError as error:
            raise self._at_place(error) from error

    def compile(self) -> None:
        """Compile what reads a request; raise `ContractError` for a faulty contract."""
        try:
            _ = self._parameters, self._body
        except ContractError as error:
            raise self._at_place(error) from error

    @cached_property
    def _parameters(self) -> Parameters:
        return Parameters(
            self._content.get("parameters", []),
            self._definitions,
            self._codes,
            self._wants_everything,
            template_names(self.path),
            by_place=self._wants_values,
            harmless=self._harmless,
        )

    @cached_property
    def _body(self) -> RequestBody | None:
        if "requestBody" not in self._content:
            return None
        return RequestBody(self._content, self._definitions, self._codes)

    def _at_place(self, error: ContractError) -> ContractError:
        return ContractError(f"{self.api}.yaml, {self.method} {self.path}: {error}")

    async def answer(
        self, scope: Mapping[str, Any], receive: Receive, segments: Sequence[str]
    ) -> Answer:
        """Return the handler's answer; raise a `Problem` for a request that breaks the contract."""
        arguments = await self.arguments(scope, receive, segments)
        result = self._handler(**arguments)
        if self._is_async:
            result = await result
        return as_answer(result)

    async def arguments(
        self, scope: Mapping[str, Any], receive: Receive, segments: Sequence[str]
    ) -> dict[str, Any]:
        """Return the handler's keyword arguments; raise a `Problem` for a refused request."""
        header_list = scope["headers"]
        headers = dict(header_list)
        if len(headers) < len(header_list):
            headers = self._parameters.join_lines(header_list)
        query = scope["query_string"]
        security = self.security
        raw = b""
        signed = None
        context: dict[str, Any] = {"service": self.service}
        if security.signs_request:
            raw = await body.read_body(receive, headers, self._limit)
            signed = Request(self.method, scope["path"], query, header_list, raw)
        if not security.is_open:
            found = security.authenticate(headers, query, signed)
            context["token_info"] = await found if isinstance(found, CoroutineType) else found
        arguments = self._parameters.read_arguments(query, segments, headers)
        if self._precondition is not None:
            before = {name: context[name] for name in self._wants_before}
            refused = self._precondition(**before, **arguments)
            if isinstance(refused, CoroutineType):
                await refused
        if self._body is not None:
            raw = raw if signed else await body.read_body(receive, headers, self._limit)
            if _ENCODING in headers:
                raw = self.unpack(raw, headers)
                header_list = plain_headers(header_list)
            context["body"] = self._body.read_value(raw, headers)
        if self._wants_request:
            context["request"] = Request(self.method, scope["path"], query, header_list, raw)
        if self._wants_address:
            context["caller_address"] = client_address(scope)
        if self._wants_values:
            context["values"] = {**arguments, "body": context.get("body")}
            arguments = {}
        for name in self._wants:
            arguments[name] = context[name]
        return arguments

    def unpack(self, raw: bytes, headers: Mapping[bytes, bytes]) -> bytes:
        """Return the body without its content encoding; raise a `Problem` for a bad one."""
        if self._body is None:
            return raw
        return self._body.unpack(raw, headers.get(_ENCODING, b""), self._limit)

    def violations(self, request: Request, segments: Sequence[str]) -> list[Violation]:
        """Return all violations of a request; its credential must be present but is not judged."""
        headers = self._parameters.join_lines(request.headers)
        found = []
        if not self.security.is_open and not self.security.has_credential(headers, request.query):
            found.append(Violation("header", "", "required", None, "has no credential"))
        try:
            self._parameters.read_arguments(request.query, segments, headers)
        except Invalid as problem:
            found += problem.violations
        try:
            if self._body is not None:
                self._body.read_value(self.unpack(request.body, headers), headers)
        except Invalid as problem:
            found += problem.violations
        except Problem as problem:
            found.append(Violation("body", "", "mediaType", None, str(problem)))
        return found


def _harmless(
    content: Mapping[str, Any], schemes: Mapping[str, Mapping[str, Any]]
) -> frozenset[str] | None:
    """Return the undeclared names allowed in a query; None if any are."""
    if not content.get("x-known-query-only"):
        return None
    asked = frozenset(
        schemes[name]["name"]
        for needs in content.get("security", ())
        for name in needs
        if schemes[name].get("in") == "query"
    )
    return asked | frozenset(content.get("x-harmless-query", ()))


def _signature(function: Callable[..., Any] | None) -> tuple[tuple[str, ...], bool]:
    """Return the context names taken by a handler, and whether it takes any keyword."""
    if function is None:
        return (), False
    parameters = inspect.signature(function).parameters.values()
    wants = tuple(p.name for p in parameters if p.name in CONTEXT and p.kind in _KINDS)
    return wants, any(p.kind is p.VAR_KEYWORD for p in parameters)


def client_address(scope: Mapping[str, Any]) -> str:
    """Return the caller's address; empty where the connection has none."""
    client = scope.get("client")
    return client[0] if client else ""


def plain_headers(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers without Content-Encoding, for a decoded body."""
    return [header for header in headers if header[0] != _ENCODING]
