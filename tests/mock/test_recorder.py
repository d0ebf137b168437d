"""A call is kept without its credentials, and no more of it than is to be read."""

from __future__ import annotations

import asyncio

import pytest

from parcels import call
from tallystick.contract.answer import Answer
from tallystick.contract.intercepted import InterceptedCall
from tallystick.mock.journal import MAX_BODY, CallState, Journal, JournalEntry
from tallystick.mock.masking import Masking
from tallystick.mock.recorder import CallRecord, Recorder, Sending, sending
from tallystick.mock.request_view import ABSENT, facts
from tallystick.secret_names import MASK

SENT = sending(Answer({"sent": True}, 201, {"X-Route": "air"}))


def recorded(made: InterceptedCall, answer: Sending | None = SENT) -> JournalEntry:
    async def record() -> JournalEntry:
        journal = Journal()
        masking = Masking([{"in": "header", "name": "X-Parcel-Key"}, {"in": "query", "name": "k"}])
        how = CallRecord(1_000, 2.5, [], answer, rule="3", preferred="code=201")
        Recorder(journal, masking).record_call(made, facts(made), how)
        return journal.get_entry("1")

    return asyncio.run(record())


def test_an_answer_is_kept_in_bytes() -> None:
    assert (SENT.status, SENT.body) == (201, b'{"sent":true}')
    assert (b"x-route", b"air") in SENT.headers


def test_a_call_is_kept_with_its_operation_and_how_it_went() -> None:
    entry = recorded(call())
    assert (entry.api, entry.operation, entry.method) == ("parcels", "sendParcel", "POST")
    assert (entry.time, entry.ms, entry.rule, entry.preferred) == (1_000, 2.5, "3", "code=201")
    assert entry.given is not None
    assert (entry.given.status, entry.given.json) == (201, {"sent": True})
    assert entry.given.headers["x-route"] == ["air"]


def test_a_call_of_no_operation_is_kept_too() -> None:
    entry = recorded(call(path="/nowhere"), None)
    assert (entry.api, entry.operation, entry.given) == (None, None, None)


def test_a_target_is_kept_as_it_was_sent_but_for_credentials() -> None:
    assert recorded(call(query=b"a=%2F&k=hidden")).target == f"/parcels/7?a=%2F&k={MASK}"
    assert recorded(call()).target == "/parcels/7"


def test_no_credential_is_kept_of_what_came_or_of_what_was_answered() -> None:
    answer = sending(Answer({"token": "hidden"}, 200, {"X-Parcel-Key": "hidden"}))
    headers = [(b"x-parcel-key", b"hidden")]
    entry = recorded(call(b'{"secret": "hidden"}', query=b"k=hidden", headers=headers), answer)
    assert "hidden" not in str(entry)


def test_of_long_bodies_the_beginnings_are_kept_as_text() -> None:
    long = b'"' + b"x" * MAX_BODY + b'"'
    entry = recorded(call(long), Sending(200, [], long))
    assert (entry.facts.json, len(entry.facts.text)) == (ABSENT, MAX_BODY)
    assert entry.given is not None
    assert (entry.given.json, len(entry.given.text)) == (ABSENT, MAX_BODY)


def test_an_entry_is_as_large_as_what_is_kept_of_it() -> None:
    assert recorded(call(b"", headers=[(b"a", b"bc")], query=b"d=e"), None).size == 6
    assert recorded(call(b"x" * (MAX_BODY + 9), headers=[]), None).size == MAX_BODY
    assert recorded(call(b"", headers=[]), Sending(200, [(b"a", b"b")], b"xyz")).size == 5


def test_an_answer_is_kept_with_a_request_that_went_to_the_disk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tallystick.mock.journal.MAX_ENTRIES", 1)
    journal = Journal()
    recorder = Recorder(journal, Masking([]))
    made = call()
    end = recorder.begin_call(made, facts(made), CallRecord(1_000))
    for _ in range(3):
        recorder.record_call(made, facts(made), CallRecord(1_000))
    end(CallRecord(1_000, 2.5, [], SENT))

    entry = journal.get_entry("1")
    assert (entry.state, entry.ms, journal.get_entry("2").ms) == (CallState.ANSWERED, 2.5, None)
    assert entry.given is not None
    assert entry.given.status == 201
    journal.close()


def test_the_answer_to_a_forgotten_request_is_not_kept() -> None:
    journal = Journal()
    recorder = Recorder(journal, Masking([]))
    made = call()
    end = recorder.begin_call(made, facts(made), CallRecord(1_000))
    journal.clear_entries()
    recorder.record_call(made, facts(made), CallRecord(1_000))
    end(CallRecord(1_000, 2.5, [], SENT))

    assert journal.get_entry("1").given is None
