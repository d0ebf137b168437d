"""Every test here that asks for `url` or `database` runs once on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from manual_clock import ManualClock
from tallystick.events import Log
from tallystick.store import Database

KINDS: dict[str, Callable[[Path], str]] = {
    "memory": lambda _folder: "sqlite://",
    "sqlite": lambda folder: f"sqlite:///{folder}/tallystick.db",
}
LASTING = [kind for kind in KINDS if kind != "memory"]
QUEUE = 10_000


@pytest.fixture
def anyio_backend() -> str:
    """The event loop of the tests that are coroutines."""
    return "asyncio"


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database may be made."""
    return KINDS[request.param](tmp_path)


@pytest.fixture(params=LASTING)
def lasting_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Likewise, of a database that is still there when it has been closed."""
    return KINDS[request.param](tmp_path)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """An open database without any row."""
    made = Database(url)
    await made.open()
    yield made
    await made.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log(database: Database, clock: ManualClock) -> Log:
    return Log(database, clock, QUEUE)
