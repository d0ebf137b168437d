"""Waits for the transactions of all processes on a database."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial

from sqlalchemy import Connection, TextClause, text

from tallystick.store.database import Database

PAUSE_S = 0.1

# Transactions that write have numbers, in the order in which they first did so.
_NUMBER = "SELECT CAST(CAST(%s(pg_current_snapshot()) AS text) AS bigint)"
_NEXT = text(_NUMBER % "pg_snapshot_xmax")
_OLDEST = text(_NUMBER % "pg_snapshot_xmin")


async def await_commits(database: Database, longest_s: float) -> None:
    """Return when all that is being written now has ended, or after `longest_s`.

    On SQLite it returns at once: its writers commit one after the other.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(longest_s):
            first = await database.read(partial(_read_number, statement=_NEXT))
            while await database.read(partial(_read_number, statement=_OLDEST)) < first:
                await asyncio.sleep(PAUSE_S)


def _read_number(connection: Connection, statement: TextClause) -> int:
    return 0 if connection.dialect.name == "sqlite" else int(connection.scalar(statement) or 0)
