"""Entries of the audit log in the gateway's JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.audit_log import AuditEntry, AuditLog, AuditSelection
from tallystick.times import format_ms, parse_time


def select_entries(wanted: Mapping[str, str | None]) -> AuditSelection:
    """Return the selection of a query's filters."""
    from_, to = wanted.get("from"), wanted.get("to")
    return AuditSelection(
        from_ms=parse_time(from_) if from_ else None,
        to_ms=parse_time(to) if to else None,
        key_id=wanted.get("key"),
        operation=wanted.get("operation"),
    )


async def list_entries(
    log: AuditLog, selection: AuditSelection, limit: int, cursor: str | None
) -> dict[str, Any]:
    """Return a page of entries, the newest first."""
    found = await log.list_entries(selection, limit + 1, cursor)
    following = found[limit - 1].id if len(found) > limit else None
    return {"entries": [_shown(entry) for entry in found[:limit]], "next": following}


def _shown(entry: AuditEntry) -> dict[str, Any]:
    return {**entry._asdict(), "time": format_ms(entry.time)}
