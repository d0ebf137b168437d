"""The validating proxy: passes calls to a real server and checks requests and answers."""

from __future__ import annotations

import asyncio
import logging
import ssl
import sys
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from tallystick.apis.gateway.error_format import render as render_own
from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, Plan, Send, encode
from tallystick.contract.exceptions import Problem, Refused, TooLarge, Violation
from tallystick.contract.intercepted import InterceptedCall, SentResponse
from tallystick.contract.operation import Operation, plain_headers
from tallystick.mock.faults import ResponseWriter
from tallystick.mock.journal import Violations, listed, violation, violations_of
from tallystick.mock.mock import Mock, respond
from tallystick.mock.recorder import CallRecord, Headers, Sending
from tallystick.mock.reply_violations import reply_violations
from tallystick.mock.request_view import RequestView, facts
from tallystick.mock.rule import Rule, RuleReader
from tallystick.mock.rules import Rules
from tallystick.mock.settings import MockSettings
from tallystick.mock.upstream import Unreachable, Upstream, UpstreamReply
from tallystick.mock.world_recording import WorldRecording

OWN_PAGE = b"/mock"
"""The proxy's own paths; all others belong to the upstream."""

VIOLATIONS = "Tallystick-Violations"
"""The header with all violations of the call and its answer; absent without violations."""

UNJUDGED = "Tallystick-Unjudged"
"""The header with the parts that could not be judged; absent without one."""

OWN = {"Tallystick-Proxy": "not passed"}
"""The header of an answer by the proxy itself, given when there is none by the upstream."""

_SHOWN = 1_000

_log = logging.getLogger(__name__)


class BrokenContract(Problem):
    """A call or its answer has violations, and the proxy is strict."""

    status = 502


class NoRules(Refused):
    """A proxy gives no answers of its own: it has no rules."""


class _NoRules(Rules):
    def add_rule(self, given: Mapping[str, Any]) -> Rule:  # noqa: ARG002  # whatever it is
        """Raise `NoRules`."""
        raise NoRules

    def replace_rules(self, *_: Any) -> None:
        """Raise `NoRules`."""
        raise NoRules


class Proxy(Mock):
    """A validating proxy; it passes answers on and only adds a header with violations."""

    def __init__(
        self,
        settings: MockSettings,
        url: str,
        context: ssl.SSLContext,
        *,
        strict: bool = False,
        record: Path | None = None,
    ) -> None:
        """Speak to the server at `url`, if it is https by this context.

        With `strict`, a call or answer with violations is not passed on. With `record`, a world
        is written to this file as it grows. Raises `BadProxy` or `BadWorld`.
        """
        super().__init__(settings)
        self._upstream = Upstream(url, context)
        self._is_strict = strict
        self._recording = WorldRecording(record, self._upstream.name) if record else None

    serves = False
    own_headers = (VIOLATIONS, UNJUDGED, *OWN)
    origins = ""

    def startup_lines(self, base_url: str) -> list[str]:
        """Return the lines to print at the start."""
        return [f"passing calls on to {self._upstream.name}", *super().startup_lines(base_url)]

    def prepare(self, specification: Mapping[str, Any], plan: Plan) -> None:
        """Receive the contract and the plan, for the recording too."""
        super().prepare(specification, plan)
        if self._recording:
            self._recording.prepare(self._declared, self._answers)

    def _new_rules(self) -> Rules:
        return _NoRules(RuleReader(self._answers, strict=True), self._random)

    async def begin(self, app: App) -> None:
        """Keep the state as the start, and begin to write the recording."""
        await super().begin(app)
        if self._recording:
            self._recording.start()

    async def close(self) -> None:
        """End open streams and connections."""
        await super().close()
        await self._upstream.close()
        recording, self._recording = self._recording, None  # a server closes it twice
        if recording:
            print(await recording.close(), file=sys.stderr, flush=True)

    async def intercept(self, call: InterceptedCall, receive: Receive, send: Send) -> SentResponse:
        """Pass a call on, send its answer back and record both with their violations."""
        path = call.scope["raw_path"]
        if path == OWN_PAGE or path.startswith(self._control_path + b"mock/"):
            return await respond(await call.answer(), call, receive, send)
        started, came_ms = perf_counter(), self.clock.now_ms()
        said = facts(call)
        found = [*_of_request(call, said)]
        try:
            if isinstance(call.problem, TooLarge):  # and so it was not read to its end
                raise call.problem
            self._hold_to_contract(found)
            reply = await self._upstream.forward(call.request, path)
            if call.operation is not None:
                found += reply_violations(self._declared, call.operation, reply)
            if reply.rest is None:
                self._hold_to_contract(found)
            if self._recording:
                self._recording.record_exchange(call, reply, broken=bool(found))
        except (Unreachable, TooLarge, BrokenContract) as problem:
            reply = _not_passed(problem)
        told = _judgement(found, [*said.unjudged, *reply.unjudged])
        sent = await _pass_on(reply, told, call, receive, send)
        ms = round((perf_counter() - started) * 1000, 3)
        sending = Sending(reply.status, list(reply.headers), reply.text or b"")
        how = CallRecord(came_ms, ms, found, sending, unjudged=reply.unjudged)
        self._recorder.record_call(call, said, how)
        return sent

    def _hold_to_contract(self, found: Violations) -> None:
        if self._is_strict and found:
            raise BrokenContract(_told(_sentences(found)).decode("ascii"))


def _of_request(call: InterceptedCall, said: RequestView) -> Violations:
    if isinstance(call.problem, TooLarge):
        return violations_of(call.problem)
    if call.operation is None:
        return [violation("request", "", f"is outside the contract: {call.problem}")]
    return listed(_decoded_violations(call, call.operation, said))


def _decoded_violations(
    call: InterceptedCall, operation: Operation, said: RequestView
) -> Iterable[Violation]:
    """The violations of a request; those of its body only if it can be decoded."""
    plain = call.request._replace(headers=plain_headers(call.request.headers), body=said.raw)
    found = operation.violations(plain, call.segments)
    return [v for v in found if not (said.encoding and v.where == "body")]


def _not_passed(problem: Problem) -> UpstreamReply:
    answer = render_own(problem, {})
    answer = answer._replace(headers={**answer.headers, **OWN})
    body, headers = encode(answer)
    return UpstreamReply(answer.status, [h for h in headers if h[0] != b"content-length"], body)


async def _pass_on(
    reply: UpstreamReply, told: Headers, call: InterceptedCall, receive: Receive, send: Send
) -> SentResponse:
    is_head = call.scope["method"] == "HEAD"
    length = len(reply.body) if reply.rest is None else reply.length
    headers = [*reply.headers, *told]
    # An answer without a body has no length to tell, and that of a HEAD is not known here.
    if not is_head and length is not None and reply.status not in (204, 304):
        headers.append((b"content-length", b"%d" % length))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    size = len(reply.body)
    if reply.rest is not None:
        await send({"type": "http.response.body", "body": reply.body, "more_body": True})
        return SentResponse(reply.status, size + await _pass_rest(reply.rest, call, receive, send))
    await send({"type": "http.response.body", "body": b"" if is_head else reply.body})
    return SentResponse(reply.status, size)


async def _pass_rest(
    rest: AsyncGenerator[bytes, None], call: InterceptedCall, receive: Receive, send: Send
) -> int:
    """Send each piece as it arrives, break off if the upstream does, and return the bytes sent."""
    size = 0
    gone = asyncio.ensure_future(receive())
    try:
        async for portion in rest:
            if gone.done():
                return size
            size += len(portion)
            await send({"type": "http.response.body", "body": portion, "more_body": True})
    except Unreachable as error:
        _log.warning("%s", error)
        await ResponseWriter(call.scope, receive, send).close()
        return size
    finally:
        gone.cancel()
        await rest.aclose()
    await send({"type": "http.response.body", "body": b""})
    return size


def _judgement(found: Violations, unjudged: Sequence[str]) -> Headers:
    """The headers that tell of violations, and of what could not be judged."""
    named = ((VIOLATIONS, _sentences(found)), (UNJUDGED, unjudged))
    return [(name.lower().encode(), _told(lines)) for name, lines in named if lines]


def _sentences(found: Violations) -> Sequence[str]:
    return [" ".join(filter(None, (v["where"], v["name"], v["message"]))) for v in found]


def _told(lines: Sequence[str]) -> bytes:
    said = "; ".join(lines)[:_SHOWN]
    return said.encode("ascii", "replace").replace(b"\r", b" ").replace(b"\n", b" ")
