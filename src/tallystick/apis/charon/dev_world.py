"""The crons of the dev world, with publicly known keys; for ``--dev`` alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, or_, select

from tallystick.apis.charon import crons
from tallystick.apis.charon.tables import crons as crons_table
from tallystick.apis.charon.write_context import WriteContext
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import Sample

KEY = "dev-charon-key"
KEYS = {KEY: [ALL_SCOPES], "dev-charon-read-key": ["crons:read"]}
"""Key → its scopes."""

_TERMS = {"timezone": "Europe/Paris", "grace_s": 1800, "max_runtime_s": 3600, "overlap": True}
CRONS: tuple[dict[str, Any], ...] = (
    {"id": 1, "slug": "nightly-report", "name": "Nightly report", "active": True}
    | {"schedule": "0 2 * * *", **_TERMS},
    {"id": 2, "slug": "retired-import", "name": "Retired import", "active": False}
    | {"schedule": "30 4 * * 7", **_TERMS},
)


def restore_crons(connection: Connection, context: WriteContext) -> None:
    """Create the missing crons of the dev world."""
    for cron in CRONS:
        taken = or_(crons_table.c.id == cron["id"], crons_table.c.slug == cron["slug"])
        if connection.scalar(select(crons_table.c.id).where(taken).limit(1)) is None:
            crons.create_cron(connection, context, cron)


def samples(base_url: str) -> list[Sample]:
    """Return shell commands to ask whether a cron may start, to start it, and to run a command."""
    curl = f"curl -H 'X-API-KEY: {KEY}' {base_url}/api"
    run = f"TALLYSTICK_URL={base_url} TALLYSTICK_CHARON_KEY={KEY} tallystick charon exec"
    return [
        Sample("may the cron start?", f"{curl}/nightly-report/can-start"),
        Sample("start an execution", f"{curl}/1/start"),
        Sample("run a command as an execution", f"{run} nightly-report -- echo done"),
    ]
