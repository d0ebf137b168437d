"""The audit log: who changed what, when and from where."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tallystick.apis.keys import ApiKeys
from tallystick.clock import Clock
from tallystick.contract.exceptions import Problem
from tallystick.contract.recorded_changes import Change
from tallystick.events import new_id
from tallystick.events.ids import lowest_id
from tallystick.events.time_span import within_span
from tallystick.storable_text import replace_unstorable
from tallystick.store import Companion, Database
from tallystick.store.tables import audit_entries

COMMAND_LINE = ("", "command line")
"""The id and the name in the entries of the command line, which has no key."""


class AuditEntry(NamedTuple):
    """A change, in the order of the table's columns; the time is in milliseconds."""

    id: str
    time: int
    key_id: str
    key_name: str
    operation: str
    target: str
    address: str


class AuditSelection(NamedTuple):
    """The entries to list; None chooses all."""

    from_ms: int | None = None
    to_ms: int | None = None
    key_id: str | None = None
    operation: str | None = None

    def rules(self) -> list[ColumnElement[bool]]:
        """Return the conditions for a WHERE clause."""
        c = audit_entries.c
        wanted = {"key_id": self.key_id, "operation": self.operation}
        exact = [c[name] == value for name, value in wanted.items() if value is not None]
        return exact + within_span(c.id, self.from_ms, self.to_ms)


class AuditRecord:
    """The entry of one change, from before it to its success."""

    def __init__(self, database: Database, entry: AuditEntry) -> None:
        self._database = database
        self._entry = entry._replace(target=replace_unstorable(entry.target))
        self.companion = Companion(self._insert)

    async def finish(self, target: str) -> None:
        """Store the entry, unless the change took it along; then it is told what was made."""
        stored, self._entry = self._entry, self._entry._replace(target=replace_unstorable(target))
        if not self.companion.is_stored:
            await self._database.write(self._insert)
        elif self._entry != stored:
            await self._database.write(self._name_target)

    async def withdraw(self) -> None:
        """Remove the entry, if a change took it along that is refused after all."""
        if self.companion.is_stored:
            mine = delete(audit_entries).where(audit_entries.c.id == self._entry.id)
            await self._database.write(lambda connection: connection.execute(mine))

    def _insert(self, connection: Connection) -> None:
        connection.execute(insert(audit_entries), self._entry._asdict())

    def _name_target(self, connection: Connection) -> None:
        mine = update(audit_entries).where(audit_entries.c.id == self._entry.id)
        connection.execute(mine.values(target=self._entry.target))


class AuditLog:
    """The entries of all processes, kept as long as events are."""

    scheme = "gatewayKey"

    def __init__(self, database: Database, keys: ApiKeys, clock: Clock) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock

    def name_caller(self, caller: Mapping[str, Any]) -> tuple[str, str]:
        """Return the id and the name of a caller's key."""
        key = self._keys.get_key_by_id(caller["sub"])
        return caller["sub"], key.name if key else ""

    @asynccontextmanager
    async def recording(self, key: tuple[str, str], change: Change) -> AsyncIterator[AuditRecord]:
        """Store a change by a key, given by id and name, with what the block writes first.

        Then `finish` it: a change that writes nothing is stored by that alone. A refusal leaves no
        entry.
        """
        now_ms = self._clock.now_ms()
        entry = AuditEntry(new_id(now_ms), now_ms, *key, *change)
        record = AuditRecord(self._database, entry)
        with record.companion.joining():
            try:
                yield record
            except Problem as refusal:
                if refusal.status < Problem.status:
                    await record.withdraw()
                raise

    async def list_entries(
        self, selection: AuditSelection, limit: int, before: str | None
    ) -> list[AuditEntry]:
        """Return the selected entries before the one with this id, the newest first."""
        c = audit_entries.c
        rules = selection.rules()
        if before is not None:
            rules.append(c.id < before)
        newest = select(audit_entries).where(*rules).order_by(c.id.desc()).limit(limit)
        rows = await self._database.read(lambda connection: list(connection.execute(newest)))
        return [AuditEntry._make(row) for row in rows]


def expire_entries(connection: Connection, before_ms: int, limit: int) -> int:
    """Remove up to `limit` of the oldest entries before a time; return their number."""
    old = select(audit_entries.c.id).where(audit_entries.c.id < lowest_id(before_ms))
    oldest = old.order_by(audit_entries.c.id).limit(limit)
    return connection.execute(delete(audit_entries).where(audit_entries.c.id.in_(oldest))).rowcount
