"""A reset ends the calls in progress, and a caller who leaves ends their own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import requests

from tallystick.mock.client import ReceivedRequest, Tallystick
from tallystick.mock.running_calls import CallerLeft, RunningCalls

Create = Callable[..., requests.Response]


class Sender:
    """A thread that creates an event and keeps the end of it."""

    def __init__(self, create: Create) -> None:
        self._create = create
        self.error: Exception | None = None
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def _send(self) -> None:
        try:
            self._create()
        except requests.RequestException as error:
            self.error = error

    def join(self) -> None:
        self._thread.join(20)


@pytest.fixture
def send(create: Create) -> Iterator[Callable[[], Sender]]:
    """Return a function that creates an event in another thread."""
    started: list[Sender] = []

    def send() -> Sender:
        started.append(Sender(create))
        return started[-1]

    yield send
    for sender in started:
        sender.join()


def until(mock: Tallystick, state: str) -> ReceivedRequest:
    """Return the last request as soon as it is in a state."""
    for _ in range(500):
        last = mock.requests[-1:]
        if last and last[0].state == state:
            return last[0]
        time.sleep(0.02)
    raise AssertionError(f"no request is {state}: {mock.requests}")


def test_a_request_is_in_the_journal_when_it_comes_and_its_answer_when_it_goes(
    mock: Tallystick, send: Callable[[], Sender]
) -> None:
    mock.fail_next("createEvent", 503, delay="2s")
    send()

    [waiting] = mock.verify("createEvent", {"body": {"$.cl": "EDF"}}, within="10s")
    assert (waiting.state, waiting.ms, waiting.answer) == ("waiting", None, None)

    answered = until(mock, "answered")
    assert (answered.id, answered.status) == (waiting.id, 503)


def test_the_violations_of_a_waiting_request_are_known(mock: Tallystick, create: Create) -> None:
    mock.fail_next("createEvent", delay="60s")
    sender = Sender(lambda: create(cl="x"))

    assert [each["code"] for each in until(mock, "waiting").violations] == ["C002"]
    mock.reset()
    sender.join()


@pytest.mark.parametrize("rule", [{"delay": {"fixed": "60s"}}, {"fault": "slow", "over": "60s"}])
def test_a_reset_ends_what_is_held_up_and_the_next_test_sees_nothing_of_it(
    mock: Tallystick, send: Callable[[], Sender], stored: Callable[[], list[Any]], rule: Any
) -> None:
    mock.rule(operation="createEvent", **rule)
    sender = send()
    until(mock, "waiting")

    mock.reset()

    sender.join()
    assert sender.error
    assert mock.requests == []
    assert stored() == []


def test_a_caller_who_leaves_ends_their_call(
    mock: Tallystick, stored: Callable[[], list[Any]], create: Create
) -> None:
    mock.fail_next("createEvent", delay="60s")
    with suppress(requests.ReadTimeout):
        requests.post(f"{mock.url}/create", json={}, timeout=0.2)

    assert until(mock, "left").answer is None
    assert stored() == []
    assert create().status_code == 200


def test_a_snapshot_ends_what_is_held_up_and_keeps_it_listed(
    mock: Tallystick, send: Callable[[], Sender]
) -> None:
    mock.snapshot("here")
    mock.fail_next("createEvent", delay="60s")
    send()
    until(mock, "waiting")

    mock.restore("here")

    assert [request.state for request in mock.requests] == ["ended"]


def test_the_mock_stops_with_a_call_held_up(start_tallystick: Callable[..., Tallystick]) -> None:
    mock = start_tallystick()
    mock.rule(operation="canStart", delay={"fixed": "60s"})
    url = f"{mock.url}/api/nightly-report/can-start"
    Sender(lambda: requests.get(url, timeout=30))
    until(mock, "waiting")  # the fixture ends the mock, in less than the ten seconds it allows


def test_a_held_request_is_streamed_when_it_comes_and_when_it_ends(
    mock: Tallystick, send: Callable[[], Sender]
) -> None:
    mock.fail_next("createEvent", delay="300ms")
    key = {"Authorization": "Bearer dev-gateway-key"}
    url = f"{mock.url}/gateway/v1/mock/requests/stream?after=0&limit=2"
    send()

    lines = requests.get(url, headers=key, timeout=20).text.splitlines()

    told = [line for line in lines if line.startswith("data")]
    assert ['"state":"waiting"' in told[0], '"state":"answered"' in told[1]] == [True, True]


async def nobody_leaves() -> Any:
    await asyncio.Event().wait()


def test_a_call_in_the_service_is_ended_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tallystick.mock.running_calls.SERVICE_S", 0.05)

    async def run() -> object:
        calls = RunningCalls()
        endless = asyncio.ensure_future(calls.run_call(nobody_leaves()))
        await asyncio.sleep(0)
        async with calls.ended():
            return await endless

    assert asyncio.run(run()) is None


def test_a_call_during_a_reset_waits_for_its_end() -> None:
    async def run() -> list[bool]:
        async def answer() -> str:
            return "answer"

        calls = RunningCalls()
        async with calls.ended():
            held = asyncio.ensure_future(calls.run_call(answer()))
            await asyncio.sleep(0.01)
            was_done = held.done()
        return [was_done, await held == "answer"]

    assert asyncio.run(run()) == [False, True]


def test_a_task_that_is_cancelled_from_elsewhere_is_cancelled() -> None:
    async def run() -> None:
        task = asyncio.ensure_future(RunningCalls().run_call(nobody_leaves()))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(run())


def test_a_wait_ends_in_time_or_with_its_caller() -> None:
    async def leaves() -> Any:
        return {"type": "http.disconnect"}

    async def run() -> None:
        calls = RunningCalls()
        await calls.wait(0.01, nobody_leaves)
        with pytest.raises(CallerLeft):
            await calls.wait(60, leaves)

    asyncio.run(run())
