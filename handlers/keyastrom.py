"""Requests of keyastrom, handed to its room."""

from __future__ import annotations

from typing import Any

from tallystick.apis.keyastrom import Room
from tallystick.contract.request import Request

Json = dict[str, Any]


async def ingest_event(
    body: Json, room: Room, request: Request, environment: str = "default"
) -> tuple[Json, int]:
    return await room.ingest(environment, body, request.body), 201


async def list_events(
    room: Room,
    from_: str | None = None,
    to: str | None = None,
    event_selector: str | None = None,
    entity_selector: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001  # every environment has the same events
) -> Json:
    return await room.reading.events(
        from_, to, event_selector, entity_selector, page_size, next_page_key
    )


async def get_event(room: Room, event_id: str, environment: str = "") -> Json:  # noqa: ARG001
    return await room.reading.event(event_id)


async def list_event_types(
    room: Room,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.event_types(page_size, next_page_key)


async def get_event_type(
    room: Room,
    event_type: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.event_type(event_type)


async def list_event_properties(
    room: Room,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.event_properties(page_size, next_page_key)


async def get_event_property(
    room: Room,
    property_key: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.event_property(property_key)


async def list_entities(
    room: Room,
    entity_selector: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    fields: str | None = None,
    sort: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.entities(
        entity_selector, from_, to, fields, sort, page_size, next_page_key
    )


async def get_entity(
    room: Room,
    entity_id: str,
    fields: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.entity(entity_id, fields)


async def list_entity_types(
    room: Room,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.entity_types(page_size, next_page_key)


async def get_entity_type(
    room: Room,
    entity_type: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await room.reading.entity_type(entity_type)


async def create_custom_device(
    body: Json,
    room: Room,
    environment: str = "",  # noqa: ARG001
) -> tuple[Json | None, int]:
    device = await room.create_device(body)
    answer = {"entityId": device.id, "groupId": device.group_id}
    return (answer, 201) if device.is_new else (None, 204)


async def import_entities(body: Json | bytes, room: Room) -> tuple[Json, int, dict[str, str]]:
    imported = await room.import_entities(body)
    return imported._asdict(), 200, {"Content-Type": "application/json"}
