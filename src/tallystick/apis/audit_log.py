"""The audit log: who changed what, when and from where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from tallystick.apis.keys import ApiKeys
from tallystick.clock import Clock
from tallystick.contract.recorded_changes import Change
from tallystick.events import new_id
from tallystick.events.ids import lowest_id
from tallystick.events.time_span import within_span
from tallystick.storable_text import replace_unstorable
from tallystick.store import Database
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

    async def record_change(self, key: tuple[str, str], change: Change) -> None:
        """Store a change by a key, given by id and name."""
        now_ms = self._clock.now_ms()
        target = replace_unstorable(change.target)
        entry = AuditEntry(new_id(now_ms), now_ms, *key, change.operation, target, change.address)
        added = insert(audit_entries).values(entry._asdict())
        await self._database.write(lambda connection: connection.execute(added))

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
