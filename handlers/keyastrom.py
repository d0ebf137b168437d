"""Requests of keyastrom, passed to its service."""

from __future__ import annotations

from typing import Any

from tallystick.apis.keyastrom.service import KeyastromService
from tallystick.contract.request import Request

Json = dict[str, Any]


async def ingest_event(
    body: Json, service: KeyastromService, request: Request, environment: str = "default"
) -> tuple[Json, int]:
    return await service.ingest(environment, body, request.body), 201


async def list_events(
    service: KeyastromService,
    from_: str | None = None,
    to: str | None = None,
    event_selector: str | None = None,
    entity_selector: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001  # every environment has the same events
) -> Json:
    return await service.queries.list_events(
        from_, to, event_selector, entity_selector, page_size, next_page_key
    )


async def get_event(service: KeyastromService, event_id: str, environment: str = "") -> Json:  # noqa: ARG001
    return await service.queries.get_event(event_id)


async def list_event_types(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.list_event_types(page_size, next_page_key)


async def get_event_type(
    service: KeyastromService,
    event_type: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.get_event_type(event_type)


async def list_event_properties(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.list_event_properties(page_size, next_page_key)


async def get_event_property(
    service: KeyastromService,
    property_key: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.get_event_property(property_key)


async def list_entities(
    service: KeyastromService,
    entity_selector: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    fields: str | None = None,
    sort: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.list_entities(
        entity_selector, from_, to, fields, sort, page_size, next_page_key
    )


async def get_entity(
    service: KeyastromService,
    entity_id: str,
    fields: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.get_entity(entity_id, fields)


async def list_entity_types(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.list_entity_types(page_size, next_page_key)


async def get_entity_type(
    service: KeyastromService,
    entity_type: str,
    environment: str = "",  # noqa: ARG001
) -> Json:
    return await service.queries.get_entity_type(entity_type)


async def create_custom_device(
    body: Json,
    service: KeyastromService,
    environment: str = "",  # noqa: ARG001
) -> tuple[Json | None, int]:
    device = await service.create_device(body)
    answer = {"entityId": device.id, "groupId": device.group_id}
    return (answer, 201) if device.is_new else (None, 204)


async def import_entities(
    body: Json | bytes, service: KeyastromService
) -> tuple[Json, int, dict[str, str]]:
    imported = await service.import_entities(body)
    return imported._asdict(), 200, {"Content-Type": "application/json"}
