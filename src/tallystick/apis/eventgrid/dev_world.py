"""The world of ``--dev``: its project, credentials, channel and official source."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, insert, select

from tallystick.apis import dead_letters
from tallystick.apis.dead_letters import DeadLetter
from tallystick.apis.eventgrid import channels
from tallystick.apis.eventgrid.channels import OFFICIAL, OFFICIAL_SINCE_MS
from tallystick.apis.eventgrid.credentials import API
from tallystick.apis.eventgrid.tables import channels as channels_table
from tallystick.apis.eventgrid.tables import sources
from tallystick.apis.service_context import Sample
from tallystick.contract.document import read_api
from tallystick.events.ids import time_of
from tallystick.store.sql import insert_new

PROJECT = "0123456789abcdef0123456789abcdef"
TOKEN = "dev-token"
ACCESS_KEY = "DEVAK"
SECRET_KEY = "DEVSK"
CHANNEL = "11111111-1111-4111-8111-111111111111"

OTHER_PROJECT = "fedcba9876543210fedcba9876543210"
OTHER_TOKEN = "dev-other-token"
"""Good for a project that has nothing: elsewhere it is refused with 403."""

READ_TOKEN = "dev-read-token"
"""Good for the same project, and for reading only."""

READ_SCOPES = [scope for scope in read_api(API).scopes if scope.endswith(":read")]

_OFFICIAL_SOURCE = "22222222-2222-4222-8222-222222222222"
_EVENT_TYPES = [
    {"name": "OBS:CloudTrace:ApiCall", "description": "An API of the object store was called."}
]

_LETTER_ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"
_DEAD_LETTER = DeadLetter(
    id=_LETTER_ID,
    time=time_of(_LETTER_ID),
    api=API,
    tenant=PROJECT,
    source="shop",
    queue="orders",
    reason="its body is not JSON",
    properties='{"content_type": "application/json"}',
    body=b'{"a": 1,',
)


def restore(connection: Connection, now_ms: int) -> None:
    """Create the missing parts of the dev world."""
    if connection.scalar(select(channels_table.c.id).where(channels_table.c.id == CHANNEL)) is None:
        body = {"name": "dev-channel", "description": "Of the dev world."}
        channels.create_channel(connection, PROJECT, body, now_ms, CHANNEL)
    if connection.scalar(select(sources.c.id).where(sources.c.id == _OFFICIAL_SOURCE)) is None:
        connection.execute(insert(sources).values(_official_source()))
    table, row = dead_letters.dead_letter_row(_DEAD_LETTER)
    connection.execute(insert_new(connection, table), DeadLetter._make(row)._asdict())


def samples(base_url: str) -> list[Sample]:
    """Return lines to paste: the page's own example, and the list of sources."""
    project = f"{base_url}/v1/{PROJECT}"
    # A project has a name once, and you may well paste the line twice.
    body = f"""{{"name": "name-'$RANDOM'", "description": "test", "channel_id": "{CHANNEL}"}}"""
    post = f"curl -H 'X-Auth-Token: {TOKEN}' -H 'Content-Type: application/json' -d '{body}'"
    get = f"curl -H 'X-Auth-Token: {TOKEN}' '{project}/sources'"
    return [
        Sample("create an event source", f"{post} '{project}/sources'"),
        Sample(f"list event sources; the SDK signs with AK {ACCESS_KEY}, SK {SECRET_KEY}", get),
    ]


def _official_source() -> dict[str, object]:
    return {
        "id": _OFFICIAL_SOURCE,
        "project": PROJECT,
        "name": "HC.OBS",
        "description": "Object Storage Service.",
        "provider_type": OFFICIAL,
        "event_types": orjson.dumps(_EVENT_TYPES).decode(),
        "channel_id": None,
        "type": "APPLICATION",
        "detail": None,
        "created": OFFICIAL_SINCE_MS,
        "updated": OFFICIAL_SINCE_MS,
    }
