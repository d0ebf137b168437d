"""Records calls in the journal, shortened and with credentials masked."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from tallystick.contract.answer import Answer
from tallystick.contract.compiled import encode
from tallystick.contract.intercepted import InterceptedCall
from tallystick.mock.journal import MAX_BODY, GivenAnswer, Journal, JournalEntry, Violations
from tallystick.mock.masking import Masking
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
    ms: float
    """The call's duration in milliseconds."""
    violations: Violations
    sending: Sending | None
    """The answer sent; None without one."""
    rule: str | None = None
    preferred: str | None = None
    fault: str | None = None


def sending(answer: Answer) -> Sending:
    """Return an answer in bytes."""
    body, headers = encode(answer)
    return Sending(answer.status, headers, body)


class Recorder:
    """A recorder of calls."""

    def __init__(self, journal: Journal, masking: Masking) -> None:
        self._journal = journal
        self._masking = masking

    async def record_call(self, call: InterceptedCall, said: RequestView, how: CallRecord) -> None:
        """Record a call, with its body cut at `MAX_BODY` bytes."""
        kept = said if len(call.body) <= MAX_BODY else said.shortened(MAX_BODY, call.body)
        await self._journal.add_entry(partial(self._entry, call, kept.masked(self._masking), how))

    def _entry(
        self, call: InterceptedCall, kept: RequestView, how: CallRecord, number: int
    ) -> JournalEntry:
        operation = call.operation
        return JournalEntry(
            number=number,
            time=how.came_ms,
            ms=how.ms,
            method=call.scope["method"],
            target=self._target(call),
            api=operation.api if operation else None,
            operation=operation.id if operation else None,
            facts=kept,
            violations=how.violations,
            rule=how.rule,
            preferred=how.preferred,
            fault=how.fault,
            given=self._given(how.sending) if how.sending else None,
            size=_size(call, how.sending),
        )

    def _target(self, call: InterceptedCall) -> str:
        path: str = call.scope["raw_path"].decode("latin-1")
        query = self._masking.query(call.scope["query_string"])
        return f"{path}?{query}" if query else path

    def _given(self, sent: Sending) -> GivenAnswer:
        value, text = body_of(sent.body)
        if len(sent.body) > MAX_BODY:
            value, text = ABSENT, sent.body[:MAX_BODY].decode("utf-8", "replace")
        headers = {n: self._masking.header(n, v) for n, v in headers_of(sent.headers).items()}
        masking = self._masking
        return GivenAnswer(sent.status, headers, masking.json(value), masking.text(text))


def _size(call: InterceptedCall, sent: Sending | None) -> int:
    """Return the approximate size of an entry in bytes."""
    headers = [*call.scope["headers"], *(sent.headers if sent else ())]
    answered = min(len(sent.body), MAX_BODY) if sent else 0
    asked = min(len(call.body), MAX_BODY) + len(call.scope["query_string"])
    return asked + answered + sum(len(name) + len(value) for name, value in headers)
