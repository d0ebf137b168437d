"""Fixtures that run a test once on each kind of database, if it uses `url` or `database`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from manual_clock import ManualClock
from tallystick.events import EventLog
from tallystick.store import Database

LASTING = ["sqlite", "postgresql"]
QUEUE = 10_000


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop for coroutine tests."""
    return "asyncio"


@pytest.fixture(params=["memory", *LASTING])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database."""
    if request.param == "memory":
        return "sqlite://"
    return _lasting_url(request)


@pytest.fixture(params=LASTING)
def lasting_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database that outlasts its closing."""
    return _lasting_url(request)


def _lasting_url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{request.getfixturevalue('tmp_path')}/tallystick.db"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """Return an open database without any row."""
    async with _opened(url) as made:
        yield made


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    made = Database(url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log(database: Database, clock: ManualClock) -> EventLog:
    return EventLog(database, clock, QUEUE)
