"""The mock is put back to its start, or to a snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import requests

from store_rows import entry, names
from tallystick.mock.client import Tallystick
from tallystick.store import Database

Create = Callable[..., requests.Response]

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


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
