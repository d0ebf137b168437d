"""The control API's calls, as its handlers make them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from manual_clock import ManualClock
from parcels import call, mock_settings, plan, specification
from tallystick.contract.answer import Answer
from tallystick.contract.body import Replay
from tallystick.contract.exceptions import Invalid, NotFound
from tallystick.mock.clock import MockClock
from tallystick.mock.controls import MockControls
from tallystick.mock.mock import Mock
from tallystick.store import Database

pytestmark = pytest.mark.anyio


async def nothing_due() -> None:
    """Leave everything as it is."""


@asynccontextmanager
async def nothing_paused() -> AsyncIterator[None]:
    yield


class Process:
    """A mock without a server, whose clock is the test's."""

    def __init__(self, database: Database) -> None:
        self.mock = Mock(mock_settings())
        self.mock.clock = MockClock(ManualClock())
        self.mock.prepare(specification(), plan())
        self.controls: MockControls = self.mock.controls(
            database, nothing_paused, nothing_due, nothing_due
        )

    async def send(self, body: bytes = b'{"name": "a"}', path: str = "/parcels/7") -> None:
        async def forget(_: Any) -> None:
            """Leave the answer alone."""

        await self.mock.intercept(call(body, path=path), Replay(body), forget)

    async def targets(self, operation: str | None = None, **wanted: Any) -> list[str]:
        wanted = {"path": None, "text": None, "before": None, "limit": 10, **wanted}
        listed = await self.controls.list_requests(operation, **wanted)
        return [request["target"] for request in read(listed)["requests"]]


def read(answer: Answer) -> Any:
    return json.loads(answer.body)


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    database = Database("sqlite://")
    await database.open()
    process = Process(database)
    await process.mock._snapshots.keep_start()
    yield process
    await process.mock.close()
    await database.close()


async def test_rules_are_made_listed_and_removed(process: Process) -> None:
    rule = {"operation": "sendParcel", "answer": {"code": 503}}
    made = process.controls.add_rule(rule)
    assert process.controls.list_rules()["rules"] == [{**rule, "id": made["id"], "used": 0}]
    process.controls.remove_rule(made["id"])
    with pytest.raises(NotFound):
        process.controls.remove_rule(made["id"])
    process.controls.add_rule(rule)
    process.controls.clear_rules()
    assert process.controls.list_rules()["rules"] == []


async def test_requests_are_found_by_all_that_is_given_the_last_one_first(process: Process) -> None:
    await process.send(b'{"name": "One"}', "/parcels/1")
    await process.send(b'{"name": "two"}', "/parcels/2")
    await process.send(b"", "/nowhere")
    assert await process.targets() == ["/nowhere", "/parcels/2", "/parcels/1"]
    assert await process.targets(limit=1) == ["/nowhere"]
    assert await process.targets("sendParcel") == ["/parcels/2", "/parcels/1"]
    assert await process.targets("sendParcel", text="oNE") == ["/parcels/1"]
    assert await process.targets("sendParcel", path="/nowhere") == []
    with pytest.raises(Invalid):
        await process.targets("sendParcels")


async def test_one_request_is_shown_until_all_are_forgotten(process: Process) -> None:
    await process.send()
    assert read(process.controls.get_request("1"))["body"] == {"name": "a"}
    process.controls.clear_requests()
    with pytest.raises(NotFound):
        process.controls.get_request("1")


async def test_requests_are_streamed_as_events(process: Process) -> None:
    answer = process.controls.stream_requests(0, 1)
    assert answer.headers["Content-Type"] == "text/event-stream"
    await process.send()
    pieces = [piece async for piece in answer.body]
    assert pieces[0] == b": requests\n\n"
    assert pieces[1].startswith(b"id: 1\nevent: request\n")
    assert len(pieces) == 2


async def test_what_was_expected_is_verified(process: Process) -> None:
    await process.send()
    expected = {"operation": "sendParcel", "times": 1}
    assert read(await process.controls.verify_requests(expected))["found"] == 1


async def test_a_reset_leaves_no_rule_no_request_and_the_clock_as_it_was(process: Process) -> None:
    start = process.controls.get_clock()
    process.controls.add_rule({"operation": "sendParcel", "fault": "reset"})
    await process.controls.set_clock({"advance": "20m"})
    await process.send(path="/nowhere")
    await process.controls.reset()
    assert process.controls.list_rules() == {"rules": []}
    assert await process.targets() == []
    assert process.controls.get_clock() == start


async def test_a_snapshot_is_taken_listed_gone_back_to_and_removed(process: Process) -> None:
    process.controls.add_rule({"operation": "sendParcel", "fault": "reset"})
    await process.controls.take_snapshot("one")
    process.controls.clear_rules()
    assert process.controls.list_snapshots() == {"snapshots": [{"name": "one"}]}
    await process.controls.restore_snapshot("one")
    assert len(process.controls.list_rules()["rules"]) == 1
    process.controls.remove_snapshot("one")
    assert process.controls.list_snapshots() == {"snapshots": []}
    for missing in (process.controls.restore_snapshot("one"), _removed(process.controls)):
        with pytest.raises(NotFound):
            await missing


async def _removed(controls: MockControls) -> None:
    controls.remove_snapshot("one")


async def test_the_clock_is_set_put_forward_stopped_and_started(process: Process) -> None:
    set_clock = process.controls.set_clock
    assert await set_clock({"set": "2026-03-01T12:00:00Z"}) == {
        "now": "2026-03-01T12:00:00.000Z",
        "frozen": False,
    }
    assert (await set_clock({"advance": "90s"}))["now"] == "2026-03-01T12:01:30.000Z"
    assert await set_clock({"frozen": True, "set": "2026-03-01"}) == {
        "now": "2026-03-01T00:00:00.000Z",
        "frozen": True,
    }
    assert await set_clock({"frozen": False}) == {
        "now": "2026-03-01T00:00:00.000Z",
        "frozen": False,
    }
    with pytest.raises(Invalid, match="does not go with set"):
        await set_clock({"set": "2026-03-01", "advance": "1s"})
