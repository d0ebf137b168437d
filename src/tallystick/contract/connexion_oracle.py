"""Answers requests through Connexion's own stack, with the same contract and handlers.

Tests use it as the oracle for the compiled operations, and benchmarks compare with it. Connexion
routes, authenticates, validates and calls the handler. The middleware in front of it answers 404
and 405, buffers the body so a handler can read it again, passes the handler its named values beside
parameters, and renders errors in the API's own shape.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from time import perf_counter
from typing import Any

import connexion
from connexion.exceptions import ProblemException
from connexion.jsonifier import Jsonifier
from connexion.lifecycle import ConnexionRequest, ConnexionResponse
from connexion.middleware import SpecMiddleware
from connexion.resolver import Resolver
from connexion.spec import Specification
from starlette.exceptions import HTTPException

from tallystick.contract import body
from tallystick.contract.answer import Answer, StrangerRenderer
from tallystick.contract.binding import bound_handlers
from tallystick.contract.body import ClientGone, Receive, Replay
from tallystick.contract.compiled import (
    ApiBinding,
    App,
    Observer,
    Plan,
    Scope,
    Send,
    encode,
    send_answer,
    send_refusal,
    stream_answer,
)
from tallystick.contract.exceptions import Failed, Invalid, Problem, Violation
from tallystick.contract.log_failure import log_failure
from tallystick.contract.operation import Operation, client_address, plain_headers
from tallystick.contract.request import Request

_KEY = "tallystick"


class ConnexionOperations(SpecMiddleware):  # type: ignore[misc]  # Connexion is untyped
    """The first middleware in Connexion's stack; it passes known operations on to Connexion."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._plan: Plan
        self._observe: Observer
        self._limit: int

    def add_api(
        self,
        specification: Specification,
        *,
        bindings: Sequence[ApiBinding],
        fallback: StrangerRenderer,
        body_limit: int,
        observe: Observer,
        resolver: Resolver,
        **_: Any,
    ) -> None:
        """Compile the plan; it later tells why Connexion refused a request."""
        handlers = bound_handlers(specification, resolver)
        self._plan = Plan(specification.raw, bindings, handlers, fallback, body_limit)
        self._observe = observe
        self._limit = body_limit

    @classmethod
    def handle_errors(cls, app: connexion.AsyncApp) -> None:
        """Register the handlers for rendering errors in the API's own shape."""
        for kind in (Problem, ProblemException, HTTPException, Exception):
            app.add_error_handler(kind, _on_error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Connexion answer one request."""
        if scope["type"] != "http":
            await send_refusal(self._plan, self._observe, scope, send)
            return
        started = perf_counter()
        sent = _SendRecorder(send)
        operation = None
        try:
            operation, segments = self._plan.route(scope["method"], scope["raw_path"])
            headers = dict(scope["headers"])
            raw = operation.unpack(await body.read_body(receive, headers, self._limit), headers)
            scope["headers"] = plain_headers(scope["headers"])
            if operation.security.is_guarded:
                operation.security.refuse_forged(headers, scope["query_string"])
            self._prepare(scope, operation, segments, raw)
            if operation.is_stream:  # Connexion's answers have an end
                answer = await operation.answer(scope, Replay(raw), segments)
                await stream_answer(answer, scope["method"] == "HEAD", receive, sent)
            else:
                await self._app(scope, Replay(raw), sent)
        except Problem as problem:
            answer = self._plan.render(problem, operation, scope)
            await send_answer(answer, scope["method"] == "HEAD", sent)
        except ClientGone:
            return
        self._observe(scope, operation, sent.status, sent.size, perf_counter() - started)

    def _prepare(
        self, scope: Scope, operation: Operation, segments: Sequence[str], raw: bytes
    ) -> None:
        request = Request(
            scope["method"], scope["path"], scope["query_string"], scope["headers"], raw
        )
        extensions = scope.setdefault("extensions", {})
        extensions["connexion_context"] = {
            "service": operation.service,
            "request": request,
            "caller_address": client_address(scope),
        }
        scope[_KEY] = (self._plan, operation, segments, raw)
        if operation.is_lenient:  # which Connexion has no word for
            others = [h for h in scope["headers"] if h[0] != b"content-type"]
            scope["headers"] = [*others, (b"content-type", b"application/json")]


class ReadyJson(Jsonifier):  # type: ignore[misc]  # Connexion is untyped
    """Connexion's writer of JSON, with JSON of a handler's own passed through."""

    def dumps(self, data: Any, **options: Any) -> Any:
        """Return bytes as they are, and any other value as JSON."""
        return data if isinstance(data, bytes) else super().dumps(data, **options)


async def _on_error(request: ConnexionRequest, error: Exception) -> ConnexionResponse:
    plan, operation, _, _ = request.scope[_KEY]
    problem = error if isinstance(error, Problem) else await _why(request.scope, error)
    answer = plan.render(problem, operation, request.scope)
    return _response(answer)


async def _why(scope: Scope, error: Exception) -> Problem:
    """Return the plan's own problem with a request refused by Connexion."""
    _, operation, segments, raw = scope[_KEY]
    if getattr(error, "status_code", 500) >= 500:
        log_failure(error)
        return Failed()
    try:
        await operation.arguments(scope, Replay(raw), segments)
    except Problem as problem:
        return problem
    return Invalid([Violation("body", "", "type", None, "is refused by Connexion")])


def _response(answer: Answer) -> ConnexionResponse:
    content, headers = encode(answer)
    named: Mapping[str, str] = {n.decode(): v.decode("latin-1") for n, v in headers}
    return ConnexionResponse(status_code=answer.status, body=content, headers=dict(named))


class _SendRecorder:
    """An ASGI ``send`` with a memory for status and size."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 500
        self.size = 0

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.size += len(message.get("body", b""))
        await self._send(message)
