"""What one process changes is noticed by the others."""

from __future__ import annotations

import asyncio
import logging

import pytest

from tallystick.store import Database, bump_revision

pytestmark = pytest.mark.anyio

SOON_S = 1.0


class Watcher:
    """Counts how often it is called back."""

    def __init__(self) -> None:
        self.calls = 0
        self.called = asyncio.Event()

    async def __call__(self) -> None:
        self.calls += 1
        self.called.set()

    async def wait(self) -> None:
        await asyncio.wait_for(self.called.wait(), SOON_S)
        self.called.clear()


@pytest.fixture
async def watcher(database: Database) -> Watcher:
    """One that watches `mine`, and has been called the first time."""
    watcher = Watcher()
    await database.revisions.watch("mine", watcher)
    await watcher.wait()
    return watcher


async def test_a_change_is_noticed_within_a_second(database: Database, watcher: Watcher) -> None:
    for changes in (2, 3):
        await database.write(lambda connection: bump_revision(connection, "mine"))
        await watcher.wait()
        assert watcher.calls == changes


async def test_another_process_notices_it_too(lasting_url: str) -> None:
    server, command = Database(lasting_url), Database(lasting_url, exclusive=False)
    await server.open()
    await command.open()
    watcher = Watcher()
    await server.revisions.watch("mine", watcher)
    await watcher.wait()
    await command.write(lambda connection: bump_revision(connection, "mine"))
    await watcher.wait()
    await command.close()
    await server.close()


async def test_a_change_that_was_undone_or_is_another_s_calls_nobody(
    database: Database, watcher: Watcher
) -> None:
    def bump_and_fail(connection: object) -> None:
        bump_revision(connection, "mine")  # type: ignore[arg-type]  # it is a connection
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(bump_and_fail)
    await database.write(lambda connection: bump_revision(connection, "another's"))
    with pytest.raises(TimeoutError):
        await watcher.wait()
    assert watcher.calls == 1


async def test_a_callback_that_fails_is_called_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    watcher = Watcher()
    failures: list[Exception | None] = [None, LookupError("once"), None]

    async def callback() -> None:
        if failure := failures.pop(0):
            raise failure
        await watcher()

    await database.revisions.watch("mine", callback)
    await watcher.wait()
    with caplog.at_level(logging.WARNING):
        await database.write(lambda connection: bump_revision(connection, "mine"))
        await asyncio.wait_for(watcher.called.wait(), 2 * SOON_S)
    assert failures == []
    assert "can't learn the changes of other processes" in caplog.text
