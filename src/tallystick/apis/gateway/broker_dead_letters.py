"""Dead letters of brokers in the gateway's JSON."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tallystick.apis import dead_letters
from tallystick.apis.dead_letters import DeadLetterHead
from tallystick.contract.exceptions import NotFound
from tallystick.contract.json_text import read_json
from tallystick.store import Database
from tallystick.times import format_ms


async def list_dead_letters(database: Database, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return a page of dead letters, the newest first."""
    found = await dead_letters.list_dead_letters(database, limit + 1, cursor)
    following = found[limit - 1].id if len(found) > limit else None
    return {"dead_letters": [_shown(each) for each in found[:limit]], "next": following}


async def get_dead_letter(database: Database, id_: str) -> dict[str, Any]:
    """Return a dead letter with its body; raise `NotFound`."""
    found = await dead_letters.get_dead_letter(database, id_)
    if found is None:
        raise NotFound("No dead letter has this id.")
    head = DeadLetterHead(*found[:-1], len(found.body))
    return {**_shown(head), "body": b64encode(found.body).decode()}


def _shown(head: DeadLetterHead) -> dict[str, Any]:
    properties = read_json(head.properties.encode())
    return {**head._asdict(), "time": format_ms(head.time), "properties": properties}
