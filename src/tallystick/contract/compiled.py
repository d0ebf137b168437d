"""Compiled operations: a Connexion middleware for the fast answer to every request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from time import perf_counter
from types import AsyncGeneratorType
from typing import Any, NamedTuple, Protocol

from connexion.middleware import SpecMiddleware
from connexion.resolver import Resolver
from connexion.spec import Specification

from tallystick.contract.answer import Answer, ErrorRenderer, StrangerRenderer
from tallystick.contract.binding import bound_handlers
from tallystick.contract.body import ClientGone, Receive
from tallystick.contract.direction import READ_ONLY, one_way_definitions
from tallystick.contract.document import ContractError, Document
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import (
    Failed,
    Forbidden,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unauthenticated,
)
from tallystick.contract.json_text import write_json
from tallystick.contract.log_failure import log_failure
from tallystick.contract.media_types import prefers_html
from tallystick.contract.operation import Operation
from tallystick.contract.refusal import render_refusal
from tallystick.contract.routes import RouteMatch, Routes
from tallystick.contract.streaming import send_pieces

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_JSON = (b"content-type", b"application/json")
_HEAD = "HEAD"
NO_CONTENT = 204


class ApiBinding(NamedTuple):
    """An API's document with its service, its error renderer and its error codes."""

    document: Document
    service: object
    render: ErrorRenderer
    codes: Codes
    render_for: Callable[[str | None], ErrorRenderer] | None = None
    """Gives the renderer of one operation's problems, where operations differ in their shape."""


class Observer(Protocol):
    """A function called after every answer, such as the access log or the metrics."""

    def __call__(
        self, scope: Scope, operation: Operation | None, status: int, size: int, seconds: float
    ) -> None:
        """Record an answer: its status, its body's size in bytes and the seconds it took."""
        ...


class Plan:
    """All operations of all APIs, with the renderers of their errors."""

    def __init__(
        self,
        specification: Mapping[str, Any],
        bindings: Sequence[ApiBinding],
        handlers: Mapping[str, Callable[..., Any]],
        fallback: StrangerRenderer,
        body_limit: int,
        *,
        judged: bool = False,
    ) -> None:
        """Compile the operations; `handlers` are by operationId, `body_limit` is in bytes.

        With `judged`, an operation of ours compiles its readers for its first request: an earlier
        start found all of them without fault.
        """
        documents = {api_binding.document.api: api_binding.document for api_binding in bindings}
        components = specification.get("components", {})
        definitions = one_way_definitions(components.get("schemas", {}), READ_ONLY)
        schemes = components.get("securitySchemes", {})
        self.operations = [
            Operation(
                api_binding.document.api,
                path,
                method.upper(),
                _inlined(specification["paths"][path][method], components),
                definitions,
                schemes,
                api_binding.service,
                body_limit,
                handlers[operation["operationId"]],
                api_binding.document.content.get("x-base-path", ""),
            )
            for api_binding in bindings
            for path, method, operation in api_binding.document.operations()
        ]
        for operation in self.operations:
            if not judged or documents[operation.api].is_foreign:
                operation.compile()
        self.routes = Routes(self.operations)
        self._without_template = self.routes.without_template()
        self._bindings = {api_binding.document.api: api_binding for api_binding in bindings}
        self._refuse_unknown_shapes()
        self._fallback = fallback

    def _refuse_unknown_shapes(self) -> None:
        for operation in self.operations:
            if operation.error_api not in self._bindings:
                raise ContractError(
                    f"{operation.api}.yaml, {operation.method} {operation.path}: "
                    f"x-errors names {operation.error_api}, an unknown API"
                )

    def route(self, method: str, raw_path: bytes) -> tuple[Operation, Sequence[str]]:
        """Return the operation at a path and the values of the path's templates.

        Raises `NotFound`, `MethodNotAllowed`, or `Invalid` for a path outside UTF-8.
        """
        # A path without a template takes one look-up, and no split into segments.
        known = self._without_template.get((method, raw_path))
        if known is not None:
            return known
        match = self.routes.match(raw_path)
        if match is None:
            raise NotFound
        operation = match.operations.get(method)
        if operation is None:
            # RFC 9110, section 9.3.2: HEAD is GET without the body. It must have no effect (9.2.1).
            operation = match.operations.get("GET") if method == _HEAD else None
            if operation is None or operation.has_effect:
                allow = ", ".join(_allowed(match))
                raise MethodNotAllowed(headers={"Allow": allow})
        return operation, match.segments

    def render(
        self, problem: Problem, operation: Operation | None, scope: Mapping[str, Any]
    ) -> Answer:
        """Return the problem as an answer of the operation's API, or of the path's.

        A browser at a path without an operation gets a page.
        """
        api = operation.error_api if operation else self.routes.owner(scope["raw_path"])
        api_binding = self._bindings.get(api or "")
        if api_binding is None or (operation is None and prefers_html(scope)):
            answer = self._fallback(problem, scope)
        else:
            answer = self._answer(problem, operation, api_binding)
        headers = {**answer.headers, **problem.headers}
        challenge = operation.security.challenge if operation else ""
        if challenge and answer.status == 401 and isinstance(problem, Unauthenticated | Forbidden):
            headers["WWW-Authenticate"] = challenge
        return answer._replace(headers=headers)

    def _answer(
        self, problem: Problem, operation: Operation | None, api_binding: ApiBinding
    ) -> Answer:
        render = api_binding.render
        if api_binding.render_for:
            render = api_binding.render_for(operation.id if operation else None)
        return render(problem, api_binding.codes)


def _inlined(content: Mapping[str, Any], components: Mapping[str, Any]) -> dict[str, Any]:
    """Return an operation with its parameters and its body in place of references to them."""

    def inline(part: Mapping[str, Any]) -> Mapping[str, Any]:
        if "$ref" not in part:
            return part
        kind, name = part["$ref"].split("/")[-2:]
        return inline(components[kind][name])

    inlined = dict(content)
    inlined["parameters"] = [inline(parameter) for parameter in content.get("parameters", ())]
    if "requestBody" in content:
        inlined["requestBody"] = inline(content["requestBody"])
    return inlined


def _allowed(match: RouteMatch) -> Iterable[str]:
    for method, operation in match.operations.items():
        yield method
        if not operation.has_effect:
            yield _HEAD


# Connexion's own stack costs 333–483 µs of CPU a request, because it copies schemas and builds
# validators each time; plans compiled at the start cost about a tenth
# (docs/decisions/building.md, "Why does our middleware answer, and not Connexion's stack?").
class CompiledOperations(SpecMiddleware):  # type: ignore[misc]  # Connexion is untyped
    """The first middleware in Connexion's stack; it answers every HTTP request by the plan.

    Connexion passes it the contract through `add_api`, and its resolver binds the handlers.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._plan: Plan
        self._observe: Observer

    def add_api(
        self,
        specification: Specification,
        *,
        bindings: Sequence[ApiBinding],
        fallback: StrangerRenderer,
        body_limit: int,
        observe: Observer,
        resolver: Resolver,
        judged: bool = False,
        **_: Any,
    ) -> None:
        """Bind the handlers and compile the plan; raise `ContractError` for a faulty contract."""
        handlers = bound_handlers(specification, resolver)
        self._plan = Plan(
            specification.raw, bindings, handlers, fallback, body_limit, judged=judged
        )
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await send_refusal(self._plan, self._observe, scope, send)
            return
        started = perf_counter()
        operation = None
        method = scope["method"]
        raw_path = scope["raw_path"]
        try:
            operation, segments = self._plan.route(method, raw_path)
            answer = await operation.answer(scope, receive, segments)
        except Problem as problem:
            answer = self._plan.render(problem, operation, scope)
        except ClientGone:
            return
        except Exception as error:
            log_failure(error)
            answer = self._plan.render(Failed(), operation, scope)
        if type(answer.body) is AsyncGeneratorType:
            size = await stream_answer(answer, method == _HEAD, receive, send)
        else:
            size = await send_answer(answer, method == _HEAD, send)
        self._observe(scope, operation, answer.status, size, perf_counter() - started)


async def send_refusal(plan: Plan, observe: Observer, scope: Scope, send: Send) -> None:
    """Answer a request refused by the HTTP protocol, such as one with too long a target."""
    operation, answer = render_refusal(plan, scope)
    size = await send_answer(answer, scope["method"] == _HEAD, send)
    observe(scope, operation, answer.status, size, 0.0)


async def send_answer(answer: Answer, head: bool, send: Send) -> int:
    """Send an answer, without its body if `head`; return its body's size in bytes."""
    body, headers = encode(answer)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
    return len(body)


async def stream_answer(answer: Answer, head: bool, receive: Receive, send: Send) -> int:
    """Send an answer whose body is a generator, or its head alone; return its body's size."""
    pieces = answer.body
    _, headers = encode(answer._replace(body=b""))
    start = [header for header in headers if header[0] != b"content-length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": start})
    size = 0
    if head:
        await pieces.aclose()
    else:
        size = await send_pieces(pieces, receive, send)
    await send({"type": "http.response.body", "body": b""})
    return size


def encode(answer: Answer) -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return an answer's body as bytes, and all its headers."""
    content, status, given = answer
    headers = [*map(_header, given.items())]
    # RFC 9110, section 8.6: a 204 has no Content-Length.
    if status == NO_CONTENT:
        return b"", headers
    body = content if isinstance(content, bytes) else write_json(content)
    if body and "Content-Type" not in given:
        headers.append(_JSON)
    headers.append((b"content-length", b"%d" % len(body)))
    return body, headers


# Answers repeat the same few headers, so each pair is encoded once.
@lru_cache(maxsize=1_000)
def _header(given: tuple[str, str]) -> tuple[bytes, bytes]:
    name, value = given
    return name.lower().encode(), value.encode("latin-1")
