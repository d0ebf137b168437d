"""What came is kept, without secrets and within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import requests

from parcels import call
from tallystick.mock import journal
from tallystick.mock.client import MockRefused, Tallystick
from tallystick.mock.masking import Masking
from tallystick.mock.recorder import CallRecord, Recorder
from tallystick.mock.request_view import facts

Create = Callable[..., requests.Response]


def test_a_request_is_kept_with_what_is_wrong_and_what_was_answered(
    mock: Tallystick, create: Create
) -> None:
    create(cl="x", ty=1)

    [request] = mock.requests
    assert (request.api, request.operation, request.method) == (
        "event_store",
        "createEvent",
        "POST",
    )
    assert [v["code"] for v in request.violations] == ["C002", "T001"]
    assert request.status == 400
    assert request.answer["body"]["code"] == "C002"


def test_a_request_that_the_contract_does_not_know_is_kept_too(mock: Tallystick) -> None:
    requests.get(f"{mock.url}/creat?a=b", timeout=10)

    [request] = mock.requests
    assert (request.operation, request.target, request.status) == (None, "/creat?a=b", 404)


def test_an_answer_that_was_chosen_does_not_hide_what_is_wrong(
    mock: Tallystick, create: Create
) -> None:
    mock.fail_next("createEvent", 503)
    create(cl="x")

    assert [v["code"] for v in mock.requests[0].violations] == ["C002"]


@pytest.mark.parametrize(
    "body", [rb'"\ud800"', b"9" * 5_000, b"\xff", b"[" * 900 + b"]" * 900, b"1e400", b"\x00"]
)
def test_any_body_can_be_listed(mock: Tallystick, body: bytes) -> None:
    requests.post(f"{mock.url}/create", data=body, timeout=10)

    assert len(mock.requests) == 1


def test_a_long_body_is_cut(mock: Tallystick, create: Create) -> None:
    create(us_long="x" * 200_000)

    assert len(mock.requests[0].text) == journal.MAX_BODY


def test_every_request_since_the_reset_is_kept(mock: Tallystick) -> None:
    session = requests.Session()
    session.put(f"{mock.url}/first", timeout=10)
    for _ in range(journal.MAX_ENTRIES + 5):
        session.get(f"{mock.url}/x", timeout=10)

    kept = mock.requests
    assert [request.id for request in kept] == [str(1 + n) for n in range(len(kept))]
    assert (len(kept), kept[0].target) == (journal.MAX_ENTRIES + 6, "/first")
    mock.reset()
    assert mock.requests == []


def test_only_so_many_are_kept_with_their_bodies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_ENTRIES", 1)
    monkeypatch.setattr(journal, "MAX_SPILLED", 1)
    kept = journal.Journal()

    async def record() -> list[bool]:
        recorder = Recorder(kept, Masking([]))
        for _ in range(3):
            made = call(b'{"name": "a"}')
            recorder.record_call(made, facts(made), CallRecord(1_000, 2.5, [], None))
        whole = [entry.facts.is_whole async for entry in kept.list_oldest(0)]
        kept.close()
        return whole

    assert asyncio.run(record()) == [True, False, True]


def test_other_calls_have_their_turn_while_a_long_journal_is_read() -> None:
    async def read() -> tuple[int, int]:
        kept = journal.Journal()
        recorder = Recorder(kept, Masking([]))
        for _ in range(journal.READ_AT_ONCE * 3):
            made = call(b'{"name": "a"}')
            recorder.record_call(made, facts(made), CallRecord(1_000, 2.5, [], None))
        asyncio.get_running_loop().call_soon(kept.clear_entries)
        before = len([entry async for entry in kept.list_oldest(0)])
        after = len([entry async for entry in kept.list_newest()])
        return before, after

    # The reset came between, and ended the reading.
    assert asyncio.run(read()) == (journal.READ_AT_ONCE - 1, 0)


def test_requests_are_found_by_operation_path_and_text(mock: Tallystick, create: Create) -> None:
    create(cl="ENI")
    create(cl="EDF")
    requests.get(f"{mock.url}/x", timeout=10)

    assert len(mock.search(operation="createEvent")) == 2
    assert len(mock.search(path="/x")) == 1
    assert [request.body["cl"] for request in mock.search(text="eni")] == ["ENI"]


def test_an_operation_that_does_not_exist_is_refused_with_those_near_it(mock: Tallystick) -> None:
    with pytest.raises(MockRefused, match="near it are createEvent"):
        mock.search(operation="createEvnt")


def test_a_mistake_in_calling_the_control_api_is_no_request(mock: Tallystick) -> None:
    requests.patch(f"{mock.url}/gateway/v1/mock/rules", timeout=10)
    requests.get(f"{mock.url}/gateway/v1/mock/request", timeout=10)

    assert mock.requests == []


def test_each_request_is_streamed_as_it_is_answered(mock: Tallystick, create: Create) -> None:
    stream = _stream(mock)
    assert next(stream) == ": requests"
    create(cl="ENI")

    assert '"cl":"ENI"' in next(line for line in stream if line.startswith("data"))
    mock.reset()
    assert next(line for line in stream if line.startswith("event")) == "event: clear"
    create()
    assert "id: 1" in stream


def _stream(mock: Tallystick) -> Any:
    key = {"Authorization": "Bearer dev-gateway-key"}
    url = f"{mock.url}/gateway/v1/mock/requests/stream"
    return requests.get(url, headers=key, stream=True, timeout=10).iter_lines(decode_unicode=True)


def test_a_stream_does_not_keep_the_mock_from_ending(
    start_tallystick: Callable[..., Tallystick],
) -> None:
    stream = _stream(start_tallystick())
    next(stream)  # the fixture ends the mock, in less than the ten seconds that it allows
