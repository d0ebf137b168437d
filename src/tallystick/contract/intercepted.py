"""The compiled operations with an interceptor between caller and service.

The mock and the proxy are such interceptors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple, Protocol

from connexion.resolver import Resolver
from connexion.spec import Specification

from tallystick.contract import body
from tallystick.contract.answer import Answer, StrangerRenderer
from tallystick.contract.body import ClientGone, Receive, Replay
from tallystick.contract.compiled import (
    ApiBinding,
    CompiledOperations,
    Observer,
    Plan,
    Scope,
    Send,
    send_refusal,
)
from tallystick.contract.exceptions import Failed, Problem
from tallystick.contract.log_failure import log_failure
from tallystick.contract.operation import Operation
from tallystick.contract.request import Request


class SentResponse(NamedTuple):
    """A sent response: its status (0 if there was none) and its body's size in bytes."""

    status: int
    size: int


class InterceptedCall:
    """A request read whole, with the ways to check and answer it by the contract."""

    def __init__(
        self, plan: Plan, scope: Scope, operation: Operation | None, segments: Sequence[str]
    ) -> None:
        self.scope = scope
        self.operation = operation
        """The operation called; None if the contract has none there."""
        self.segments = segments
        """The values of the path's templates."""
        self.body = b""
        self.problem: Problem | None = None
        """The reason for a refusal, from reading, checking or answering the request."""
        self._plan = plan

    @property
    def request(self) -> Request:
        """Return the request as it was received."""
        scope = self.scope
        return Request(
            scope["method"], scope["path"], scope["query_string"], scope["headers"], self.body
        )

    async def check(self) -> None:
        """Validate the request without calling its handler; set `problem` if it is refused."""
        await self._try(self._arguments)

    async def answer(self) -> Answer:
        """Call the handler and return the service's answer, or that of `problem`."""
        answer = await self._try(self._answer)
        return self.render(self.problem) if answer is None and self.problem else answer

    def render(self, problem: Problem) -> Answer:
        """Return a problem as an answer in the shape of the operation's API."""
        return self._plan.render(problem, self.operation, self.scope)

    async def _arguments(self, operation: Operation) -> None:
        await operation.arguments(self.scope, Replay(self.body), self.segments)

    async def _answer(self, operation: Operation) -> Answer:
        return await operation.answer(self.scope, Replay(self.body), self.segments)

    async def _try(self, ask: Any) -> Any:
        if self.operation is None or self.problem is not None:
            return None
        try:
            return await ask(self.operation)
        except Problem as problem:
            self.problem = problem
        except Exception as error:
            log_failure(error)
            self.problem = Failed()
        return None


class Interceptor(Protocol):
    """A decider over every request; it usually lets the call answer."""

    def prepare(self, specification: Mapping[str, Any], plan: Plan) -> None:
        """Receive the contract and the plan, before the first request."""

    async def intercept(self, call: InterceptedCall, receive: Receive, send: Send) -> SentResponse:
        """Answer the call, or break it off; return the status and size sent."""
        ...


class InterceptedOperations(CompiledOperations):
    """A middleware passing every request to an `Interceptor`."""

    def add_api(
        self,
        specification: Specification,
        *,
        bindings: Sequence[ApiBinding],
        fallback: StrangerRenderer,
        body_limit: int,
        observe: Observer,
        resolver: Resolver,
        interceptor: Interceptor | None = None,
        **more: Any,
    ) -> None:
        """Bind the handlers and compile the plan; raise `ContractError` for a faulty contract."""
        assert interceptor
        super().add_api(
            specification,
            bindings=bindings,
            fallback=fallback,
            body_limit=body_limit,
            observe=observe,
            resolver=resolver,
            **more,
        )
        self._limit = body_limit
        self._interceptor = interceptor
        interceptor.prepare(specification.raw, self._plan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the interceptor answer one request."""
        if scope["type"] != "http":
            await send_refusal(self._plan, self._observe, scope, send)
            return
        started = perf_counter()
        try:
            call = await self._read(scope, receive)
            sent = await self._interceptor.intercept(call, receive, send)
        except ClientGone:
            return
        self._observe(scope, call.operation, *sent, perf_counter() - started)

    async def _read(self, scope: Scope, receive: Receive) -> InterceptedCall:
        try:
            operation, segments = self._plan.route(scope["method"], scope["raw_path"])
            call = InterceptedCall(self._plan, scope, operation, segments)
        except Problem as problem:
            call = InterceptedCall(self._plan, scope, None, ())
            call.problem = problem
        try:
            call.body = await body.read_body(receive, dict(scope["headers"]), self._limit)
        except Problem as problem:
            # Of two refusals the one that comes first on the way is told.
            call.problem = call.problem or problem
        return call
