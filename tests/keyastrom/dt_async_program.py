"""Calls a server by ``dt-async``, as its README does; prints what came as JSON.

A process of its own runs it: ``dt-async`` has the module names of ``dt``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from dynatrace import DynatraceAccessToken, DynatraceAsync  # type: ignore[import-untyped]  # its authors publish no types
from dynatrace.environment_v2.custom_tags import (  # type: ignore[import-untyped]  # likewise
    AddEntityTags,
)

HOSTS = "type(HOST),tag(stage:dev)"


async def run(client: Any) -> dict[str, Any]:
    """Return one line for each call."""
    ingested = await client.events_v2.ingest("CUSTOM_INFO", "Load test", entity_selector=HOSTS)
    events = await client.events_v2.list(page_size=1, event_selector="eventType(CUSTOM_INFO)")
    pushed = await client.events.create_event(
        "CUSTOM_ANNOTATION", "SERVICE-B00C1265E0000001", "OpsControl", annotation_type="defect",
        annotation_description="coffee machine is defective",
    )  # fmt: skip
    added = await client.custom_tags.post(HOSTS, [AddEntityTags("team", "a")])
    listed = await client.custom_tags.list(HOSTS)
    deleted = await client.custom_tags.delete("team", HOSTS, value="a")
    entities = await client.entities.list(HOSTS, fields="+tags")
    return {
        "ingested": ingested["reportCount"],
        "listed event": (await anext(aiter(events))).event_type,
        "pushed": len(pushed.json()["storedIds"]),
        "tagged": added.matched_entities_count,
        "tags": sorted([tag.string_representation async for tag in listed]),
        "untagged": deleted.matched_entities_count,
        "entities": [entity.entity_id async for entity in entities],
    }


async def main(url: str, token: str) -> None:
    """Print what a server answered."""
    client = DynatraceAsync(url, DynatraceAccessToken(token))
    print(json.dumps(await run(client)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
