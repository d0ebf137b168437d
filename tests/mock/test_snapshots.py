"""The mock is put back to its start, or to a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import requests

from contract_runtime import GATEWAY, ContractCaller
from manual_clock import ManualClock
from store_rows import entry, names
from tallystick.mock.client import Tallystick
from tallystick.mock.clock import MockClock
from tallystick.mock.mock import Mock
from tallystick.mock.settings import ALWAYS, MockSettings
from tallystick.runtime import ServerRuntime
from tallystick.store import Database

Create = Callable[..., requests.Response]


def test_a_reset_puts_everything_back(
    mock: Tallystick, create: Create, stored: Callable[[], list[Any]]
) -> None:
    before = requests.get(f"{mock.url}/gateway/v1/crons", headers=GATEWAY, timeout=10).text
    create()
    mock.rule(operation="createEvent", answer={"code": 503})
    mock.advance("20m")
    url = f"{mock.url}/gateway/v1/subscriptions"
    subscriptions = requests.get(url, headers=GATEWAY, timeout=10).json()
    requests.post(url, json={"sink": "http://localhost:1/"}, headers=GATEWAY, timeout=10)

    mock.reset()

    assert stored() == []
    assert mock.requests == []
    assert requests.get(url, headers=GATEWAY, timeout=10).json() == subscriptions
    assert create().status_code == 200
    assert requests.get(f"{mock.url}/gateway/v1/crons", headers=GATEWAY, timeout=10).text == before


@pytest.mark.anyio
async def test_going_back_takes_as_many_statements_however_much_is_stored() -> None:
    database = Database("sqlite://")
    await database.open()
    kept = await database.copy()
    with_nothing = await _statements_of_restore(database, kept)
    await asyncio.gather(*(database.append(entry(f"a{n}")) for n in range(5_000)))
    assert await _statements_of_restore(database, kept) == with_nothing
    assert await database.read(names) == set()
    await database.close()


async def _statements_of_restore(database: Database, kept: object) -> list[str]:
    """Go back to a copy, and return the statements that SQLite runs for it."""
    seen: list[str] = []
    connection = database._memory._direct
    connection.set_trace_callback(seen.append)
    await database.restore(kept)
    connection.set_trace_callback(None)
    return seen


@pytest.mark.anyio
async def test_no_run_is_missed_by_a_mock_that_is_reset_after_days() -> None:
    machine = ManualClock()
    given: dict[str, Any] = {**ALWAYS, "access_log": False}
    settings = MockSettings(**given)
    mock = Mock(settings)
    mock.clock = MockClock(machine)
    runtime = ServerRuntime(settings, mock)
    async with runtime.opened():
        caller = ContractCaller(runtime)
        machine.seconds += 3 * 86_400
        assert (await caller.call("POST", "/gateway/v1/mock/reset", headers=GATEWAY)).status == 204
        assert await advance(caller, "1m") == []
        assert await advance(caller, "15h") == ["charon.cron.late"]


async def advance(caller: ContractCaller, duration: str) -> list[str]:
    """Put the clock forward; return the types of all events."""
    clock = {"advance": duration}
    await caller.call("PUT", "/gateway/v1/mock/clock", clock, headers=GATEWAY)
    listed = await caller.call("GET", "/gateway/v1/events", headers=GATEWAY)
    return [event["type"] for event in listed.body["events"]]


def test_a_snapshot_is_gone_back_to(
    mock: Tallystick, create: Create, stored: Callable[[], list[Any]]
) -> None:
    create(ty="BEFORE")
    mock.rule(operation="canStart", answer={"code": 500})
    mock.snapshot("one")
    create(ty="AFTER")
    mock.reset()

    mock.restore("one")

    assert [event["type"] for event in stored()] == ["BEFORE"]
    assert requests.get(f"{mock.url}/api/x/can-start", timeout=10).status_code == 500
