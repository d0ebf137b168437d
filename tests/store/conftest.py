"""Every test here that asks for `url` or `database` runs once on each kind of database."""

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
    """The event loop of the tests that are coroutines."""
    return "asyncio"


@pytest.fixture(params=["memory", *LASTING])
def url(request: pytest.FixtureRequest) -> str:
    """Where an empty database may be made."""
    if request.param == "memory":
        return "sqlite://"
    return _lasting_url(request)


@pytest.fixture(params=LASTING)
def lasting_url(request: pytest.FixtureRequest) -> str:
    """Likewise, of a database that is still there when it has been closed."""
    return _lasting_url(request)


def _lasting_url(request: pytest.FixtureRequest) -> str:
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return f"sqlite:///{request.getfixturevalue('tmp_path')}/tallystick.db"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database without any row."""
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
