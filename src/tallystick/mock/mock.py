"""The mock: an interceptor answering by rules, by preference or through the service."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from time import perf_counter
from typing import Any

from tallystick import randomness
from tallystick.apis.gateway.error_format import render as render_own
from tallystick.contract.answer import Answer
from tallystick.contract.body import Receive
from tallystick.contract.compiled import App, Plan, Send, stream_answer
from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.intercepted import InterceptedCall, SentResponse
from tallystick.contract.operation import Operation
from tallystick.mock import world
from tallystick.mock.breakable_protocol import breakable
from tallystick.mock.clock import ClockReading, MockClock
from tallystick.mock.controls import MockControls
from tallystick.mock.faults import Fault, ResponseWriter, Wait
from tallystick.mock.journal import CallState, Journal, violations_of
from tallystick.mock.masking import Masking
from tallystick.mock.preference import APPLIED, HEADER, Preference, preference
from tallystick.mock.recorder import CallRecord, Recorder, sending
from tallystick.mock.request_view import RequestView, facts
from tallystick.mock.response_chooser import NoSuchResponse, ResponseChoice, ResponseChooser
from tallystick.mock.rule import CONTROL, Rule, RuleReader
from tallystick.mock.rules import Rules
from tallystick.mock.running_calls import CallerLeft, RunningCalls
from tallystick.mock.settings import MockSettings
from tallystick.mock.snapshots import Snapshots
from tallystick.store import Database

SEEDED_START_MS = 1_769_847_330_000
"""2026-01-31T08:15:30Z: with a seed, the clock stands there until you let it run."""

REFUSED = {"Tallystick-Mock": "refused"}
"""The header of a refusal by the mock itself, for an impossible preference."""


@dataclass(slots=True)
class _Decision:
    """The decision about one request."""

    rule: Rule | None = None
    preferred: Preference | None = None
    refusal: NoSuchResponse | None = None
    outside: bool = False
    """Whether the answer or the fault is from outside the contract."""
    answer: Answer | None = None
    """The answer chosen from the contract; None leaves it to the service."""
    delay_s: float = 0.0

    @property
    def fault(self) -> Fault | None:
        return self.rule.fault if self.rule else None

    @property
    def is_held(self) -> bool:
        """Whether a delay or a fault holds up the answer."""
        return bool(self.delay_s or self.fault)

    @property
    def end(self) -> CallState:
        """The end of a call without interruption."""
        is_broken = self.fault and self.fault is not Fault.SLOW
        return CallState.BROKEN if is_broken else CallState.ANSWERED

    def record(self, came_ms: int, call: InterceptedCall) -> CallRecord:
        """The record of a call received."""
        return CallRecord(
            came_ms,
            violations=violations_of(call.problem),
            rule=self.rule.id if self.rule else None,
            preferred=self.preferred.text if self.preferred else None,
            fault=self.fault.value if self.fault else None,
            outside=self.outside,
            is_held=self.is_held,
        )


class Mock:
    """An interceptor; it answers as the service does, unless a rule or a preference differs."""

    protocol = staticmethod(breakable)
    """Returns a subclass of an HTTP protocol, with connections that faults can break."""

    serves = True
    """True if the service itself answers."""

    own_headers: Sequence[str] = (APPLIED, *REFUSED)
    """The headers that it adds to answers."""

    origins = r"https?://(localhost|127\.0\.0\.1|\[::1\]|[a-z0-9.-]+\.localhost)(:[0-9]+)?"
    """An expression for the origins of pages that may call it, beside those of the settings."""

    def __init__(self, settings: MockSettings) -> None:
        self._settings = settings
        self._control_path = settings.gateway_prefix.encode() + b"/"
        self.clock = MockClock()
        self.journal = Journal()
        self._running = RunningCalls()
        self._random = Random(settings.seed)
        if settings.seed is not None:
            randomness.seed(settings.seed)
            self.clock.reading = ClockReading(frozen_at=SEEDED_START_MS)
        self._declared: DeclaredResponses
        self._answers: ResponseChooser
        self._recorder: Recorder
        self._rules: Rules
        self._is_prepared = False
        self._snapshots: Snapshots
        self._controls: MockControls

    def prepare(self, specification: Mapping[str, Any], plan: Plan) -> None:
        """Receive the contract and the plan, before the first request and after each change."""
        self._declared = DeclaredResponses(specification)
        render = partial(_render, plan)
        masking = Masking(self._declared.schemes.values())
        self._recorder = Recorder(self.journal, masking)
        if self._is_prepared:  # the contract was read again: rules stay
            self._answers.use_contract(self._declared, plan.operations, render)
            return
        self._answers = ResponseChooser(self._declared, plan.operations, render)
        self._rules = self._new_rules()
        self._is_prepared = True

    def _new_rules(self) -> Rules:
        reader = RuleReader(self._answers, strict=self._settings.strict)
        return Rules(reader, self._random)

    def controls(
        self,
        database: Database,
        paused: Callable[[], AbstractAsyncContextManager[None]],
        catch_up: Callable[[], Awaitable[None]],
        begin_anew: Callable[[], Awaitable[None]],
    ) -> MockControls:
        """Return the controls behind the control API; call this after `prepare`.

        Deliveries stand still in the block of `paused`, and `catch_up` lets everything due by the
        clock happen. `begin_anew` lets services expect what is due from now on alone.
        """
        self._snapshots = Snapshots(
            database, self._rules, self.clock, partial(self._stand_still, paused), begin_anew
        )
        self._controls = MockControls(
            self._rules, self.journal, self._answers, self._snapshots, self.clock, catch_up
        )
        return self._controls

    @asynccontextmanager
    async def _stand_still(
        self, paused: Callable[[], AbstractAsyncContextManager[None]]
    ) -> AsyncIterator[None]:
        async with self._running.ended(), paused():
            yield

    def startup_lines(self, base_url: str) -> list[str]:
        """Return the lines to print at the start."""
        return [f"requests at {base_url}/mock"]

    async def begin(self, app: App) -> None:
        """Load the world file and keep the state as the start; raise `BadWorld`."""
        if self._settings.world:
            await self._make(world.read_world(self._settings.world, self._declared), app)
        await self._snapshots.keep_start()

    async def _make(self, wanted: Mapping[str, Any], app: App) -> None:
        if "clock" in wanted:
            with world.naming(self._settings.world, "clock"):
                await self._controls.set_clock(wanted["clock"])
        for number, request in enumerate(wanted.get("requests", ())):
            with world.naming(self._settings.world, f"requests.{number}"):
                await world.load_world(app, request)
        for number, rule in enumerate(wanted.get("rules", ())):
            with world.naming(self._settings.world, f"rules.{number}"):
                self._rules.add_rule(rule)
        self.journal.clear_entries()

    async def close(self) -> None:
        """End all streams, and all calls held up by a delay or a fault."""
        self._running.close()
        self.journal.close()

    async def intercept(self, call: InterceptedCall, receive: Receive, send: Send) -> SentResponse:
        """Answer by preference, by rule or by the service, and record the call."""
        if self._is_control(call):
            return await respond(await call.answer(), call, receive, send)
        line = ResponseWriter(call.scope, receive, send)
        sent = await self._running.run_call(self._serve_call(call, receive, line))
        return sent or await line.abort()

    async def _serve_call(
        self, call: InterceptedCall, receive: Receive, line: ResponseWriter
    ) -> SentResponse:
        started, said = perf_counter(), facts(call)
        course = self._course(call, said)
        if course.is_held:
            await call.check()
        how = course.record(self.clock.now_ms(), call)
        end = self._recorder.begin_call(call, said, how)
        answer, state = None, CallState.ENDED
        wait = partial(self._running.wait, receive=receive)
        try:
            if course.delay_s:
                await wait(course.delay_s)
            sent, answer = await self._follow(course, call, line, wait)
            state = course.end
        except CallerLeft:
            sent, state = SentResponse(0, 0), CallState.LEFT
        finally:
            end(
                how._replace(
                    ms=round((perf_counter() - started) * 1000, 3),
                    violations=violations_of(call.problem),
                    sending=sending(answer) if answer else None,
                    state=state,
                )
            )
        return sent

    def _is_control(self, call: InterceptedCall) -> bool:
        """Return whether a call is for the mock itself, or was meant for it."""
        if call.operation:
            return call.operation.api == CONTROL
        path: bytes = call.scope["raw_path"]
        return path.startswith(self._control_path)

    def _course(self, call: InterceptedCall, said: RequestView) -> _Decision:
        course = _Decision()
        try:
            course.preferred = preference(", ".join(said.header.get(HEADER, ())))
            if course.preferred:
                course.delay_s = course.preferred.delay_s
                course.answer = self._preferred(call, course.preferred)
                return course
            self._follow_rules(course, call, said)
        except NoSuchResponse as error:
            course.refusal = error
        return course

    def _follow_rules(self, course: _Decision, call: InterceptedCall, said: RequestView) -> None:
        """Decide by the rules; raise `NoSuchResponse` for an answer of an earlier contract."""
        course.rule = self._rules.apply_rule(call.operation, said)
        if course.rule and call.operation:
            choice, delay = course.rule.choice, course.rule.delay
            course.outside = course.rule.is_outside
            course.answer = self._chosen(call.operation, choice, said) if choice else None
            course.delay_s = delay.seconds(self._random) if delay else 0.0

    def _chosen(self, operation: Operation, choice: ResponseChoice, said: RequestView) -> Answer:
        return self._answers.choose(operation, choice.fill(said))

    def _preferred(self, call: InterceptedCall, wanted: Preference) -> Answer | None:
        if wanted.choice is None or call.operation is None:
            return None
        answer = self._answers.choose(call.operation, wanted.choice)
        return answer._replace(headers={**answer.headers, APPLIED: wanted.text})

    async def _follow(
        self, course: _Decision, call: InterceptedCall, line: ResponseWriter, wait: Wait
    ) -> tuple[SentResponse, Answer | None]:
        if course.refusal:
            answer = render_own(course.refusal, {})
            answer = answer._replace(headers={**answer.headers, **REFUSED})
            return await line.write(answer), answer
        if course.fault and course.fault.is_silent:
            return await line.write_nothing(course.fault), None
        if course.answer:
            await call.check()
        answer = course.answer or await call.answer()
        if course.fault is Fault.HALF:
            return await line.write_half(answer), answer
        if course.fault is Fault.MALFORMED_CHUNK:
            return await line.write_malformed_chunk(answer), answer
        if course.fault is Fault.SLOW and course.rule:
            return await line.write_slowly(answer, course.rule.over_s, wait), answer
        return await line.write(answer), answer


def _render(plan: Plan, problem: Any, operation: Any) -> Answer:
    return plan.render(problem, operation, {"raw_path": operation.path.encode()})


async def respond(
    answer: Answer, call: InterceptedCall, receive: Receive, send: Send
) -> SentResponse:
    """Send an answer; an iterator as body is streamed until the caller disconnects."""
    if not isinstance(answer.body, AsyncGenerator):
        return await ResponseWriter(call.scope, receive, send).write(answer)
    size = await stream_answer(answer, call.scope["method"] == "HEAD", receive, send)
    return SentResponse(answer.status, size)
