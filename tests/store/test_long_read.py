"""A long read ends when nobody waits for it, and no short one waits behind it."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, text
from sqlalchemy.exc import OperationalError
from uvicorn import Config
from uvicorn.server import ServerState

from store_rows import names
from tallystick import bounded_protocol
from tallystick.bounded_protocol import BoundedHttpProtocol
from tallystick.caller_presence import CALLER, CallerPresence
from tallystick.store import Database, long_read
from tallystick.store.long_read import ReadTooLong
from tallystick.store.long_readers import LONG_READERS

pytestmark = pytest.mark.anyio

ENDLESS = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
)
WITHIN_S = 30
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


class Endless:
    """A read without an end of its own, which notes how it ended."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()
        self.has_ended = threading.Event()
        self.code: int | None = None

    def read(self, connection: Connection) -> None:
        self.has_begun.set()
        try:
            connection.execute(ENDLESS)
        except OperationalError as error:
            self.code = getattr(error.orig, "sqlite_errorcode", None)
            self.has_ended.set()
            raise

    async def assert_interrupted(self) -> None:
        assert await asyncio.to_thread(self.has_ended.wait, WITHIN_S)
        assert self.code == sqlite3.SQLITE_INTERRUPT


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database in a file, whose last reads are ended with the test."""
    made = Database(f"sqlite:///{tmp_path}/tallystick.db")
    await made.open()
    yield made
    await made.close()


async def begun(database: Database, endless: Endless) -> asyncio.Task[None]:
    """Return the task of a read that has begun."""
    task = asyncio.create_task(database.read_long(endless.read))
    assert await asyncio.to_thread(endless.has_begun.wait, WITHIN_S)
    return task


async def test_a_cancelled_read_is_interrupted_and_leaves_its_thread(database: Database) -> None:
    reads = [Endless() for _ in range(LONG_READERS)]
    tasks = [await begun(database, read) for read in reads]
    assert isinstance(await database.read(names), set)  # no short read waits for these
    for task, read in zip(tasks, reads, strict=True):
        task.cancel()
        await read.assert_interrupted()

    async with asyncio.timeout(WITHIN_S):
        assert isinstance(await database.read_long(names), set)


async def test_a_read_is_interrupted_when_its_caller_is_gone(database: Database) -> None:
    caller, read = CallerPresence(), Endless()
    CALLER.set(caller)
    task = await begun(database, read)
    caller.end()
    await read.assert_interrupted()
    with pytest.raises(ReadTooLong, match="ask for less"):
        await task
    with pytest.raises(ReadTooLong):  # nor does it begin then
        await database.read_long(names)


async def test_a_read_has_a_longest_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(long_read, "LONGEST_S", 0.2)
    read = Endless()
    with pytest.raises(ReadTooLong):
        await database.read_long(read.read)
    await read.assert_interrupted()
    assert database.outage == ""
    assert isinstance(await database.read(names), set)


@pytest.mark.parametrize("closes_half", [False, True])
async def test_a_caller_who_disconnects_ends_the_statement(
    database: Database, monkeypatch: pytest.MonkeyPatch, closes_half: bool
) -> None:
    monkeypatch.setattr(bounded_protocol, "GRACE_S", 0.05)
    read = Endless()

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        with pytest.raises(ReadTooLong):
            await database.read_long(read.read)
        await send({"type": "http.response.start", "status": 503, "headers": []})
        await send({"type": "http.response.body"})

    config = Config(app, ws="none", lifespan="off", log_config=None)
    config.load()
    protocol = partial(BoundedHttpProtocol, config=config, server_state=ServerState(), app_state={})
    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        _, writer = await asyncio.open_connection(host, port)
        writer.write(REQUEST)
        assert await asyncio.to_thread(read.has_begun.wait, WITHIN_S)
        if closes_half:
            writer.write_eof()
        else:
            writer.transport.abort()
        await read.assert_interrupted()
        writer.close()


async def test_a_long_read_outlasts_the_patience_with_a_database_that_answers(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    await database.open()
    monkeypatch.setattr(database._engine, "patience_s", 0.2)
    sleep = text("SELECT 'rested' FROM pg_sleep(1)")
    try:
        assert await database.read_long(lambda c: c.scalar(sleep)) == "rested"
        monkeypatch.setattr(long_read, "LONGEST_S", 0.1)
        with pytest.raises(ReadTooLong):
            await database.read_long(lambda c: c.scalar(sleep))
    finally:
        await database.close()


async def test_a_database_is_asked_several_times_within_the_patience_for_a_long_read(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(postgres_url)
    await database.open()
    asked = 0
    ping = database.ping

    async def count() -> None:
        nonlocal asked
        asked += 1
        await ping()

    monkeypatch.setattr(database, "ping", count)
    try:
        patience_s = database._engine.patience_s
        assert patience_s
        await database.read_long(lambda c: c.scalar(func.pg_sleep(patience_s / 2).select()))
    finally:
        await database.close()
    assert asked > 1
