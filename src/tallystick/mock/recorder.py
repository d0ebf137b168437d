"""Records calls in the journal, shortened and with credentials masked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from tallystick.contract.answer import Answer
from tallystick.contract.intercepted import InterceptedCall
from tallystick.mock.journal import (
    MAX_BODY,
    CallState,
    GivenAnswer,
    Journal,
    JournalEntry,
    Violations,
)
from tallystick.mock.masking import Masking
from tallystick.mock.outside_answer import encode_answer
from tallystick.mock.request_view import ABSENT, RequestView, body_of, headers_of

Headers = list[tuple[bytes, bytes]]


class Sending(NamedTuple):
    """A sent answer, in bytes."""

    status: int
    headers: Headers
    body: bytes


class CallRecord(NamedTuple):
    """The course of a call: its time, its violations and its answer."""

    came_ms: int
    ms: float | None = None
    """The call's duration in milliseconds; None while it waits."""
    violations: Violations = ()
    sending: Sending | None = None
    """The answer sent; None without one."""
    rule: str | None = None
    preferred: str | None = None
    fault: str | None = None
    outside: bool = False
    """Whether the answer or the fault is from outside the contract."""
    is_held: bool = False
    """Whether a delay or a fault holds it up."""
    state: CallState = CallState.ANSWERED
    unjudged: Sequence[str] = ()
    """The parts that could not be judged, each with its reason."""


def sending(answer: Answer) -> Sending:
    """Return an answer in bytes."""
    body, headers = encode_answer(answer)
    return Sending(answer.status, headers, body)


class Recorder:
    """A recorder of calls."""

    def __init__(self, journal: Journal, masking: Masking) -> None:
        self._journal = journal
        self._masking = masking

    def record_call(self, call: InterceptedCall, said: RequestView, how: CallRecord) -> None:
        """Record a call and its end."""
        self.begin_call(call, said, how)(how)

    def begin_call(
        self, call: InterceptedCall, said: RequestView, how: CallRecord
    ) -> Callable[[CallRecord], None]:
        """Record a call when it comes, and return a function that records its end.

        The body is cut at `MAX_BODY` bytes.
        """
        kept = said if len(said.raw) <= MAX_BODY else said.shortened(MAX_BODY)
        size = _size(call.scope["headers"], said.raw) + len(call.scope["query_string"])
        make = partial(self._entry, call, kept.masked(self._masking), how, size)
        entry, clearings = self._journal.add_entry(make), self._journal.clearings
        if how.is_held:
            self._journal.wake_readers()

        def end(how: CallRecord) -> None:
            sent = how.sending
            entry.state, entry.ms, entry.violations = how.state, how.ms, how.violations
            entry.given = self._given(sent) if sent else None
            entry.unjudged = (*entry.unjudged, *how.unjudged)
            self._journal.keep_end(entry, clearings, _size(sent.headers, sent.body) if sent else 0)

        return end

    def _entry(
        self, call: InterceptedCall, kept: RequestView, how: CallRecord, size: int, number: int
    ) -> JournalEntry:
        operation, scope = call.operation, call.scope
        return JournalEntry(
            number=number,
            time=how.came_ms,
            method=scope["method"],
            target=self._target(call),
            api=operation.api if operation else None,
            operation=operation.id if operation else None,
            facts=kept,
            rule=how.rule,
            preferred=how.preferred,
            fault=how.fault,
            outside=how.outside,
            is_held=how.is_held,
            size=size,
            violations=how.violations,
            unjudged=kept.unjudged,
        )

    def _target(self, call: InterceptedCall) -> str:
        path: str = call.scope["raw_path"].decode("latin-1")
        query = self._masking.query(call.scope["query_string"])
        return f"{path}?{query}" if query else path

    def _given(self, sent: Sending) -> GivenAnswer:
        value, text = body_of(sent.body)
        if len(sent.body) > MAX_BODY:
            value, text = ABSENT, sent.body[:MAX_BODY].decode("utf-8", "replace")
        masking = self._masking
        headers = {
            name: [masking.header(name, each) for each in own]
            for name, own in headers_of(sent.headers).items()
        }
        return GivenAnswer(sent.status, headers, masking.json(value), masking.text(text))


def _size(headers: Headers, body: bytes) -> int:
    """Return the approximate size of what is kept, in bytes."""
    return min(len(body), MAX_BODY) + sum(len(name) + len(value) for name, value in headers)
