"""event_store: `GET|POST /create`."""

from __future__ import annotations

from typing import Any

from tallystick.apis.event_store.service import EventStoreService
from tallystick.contract.request import Request

CREATED = {"Cache-Control": "no-store"}


async def create_event_from_query(
    service: EventStoreService, **fields: Any
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Store the event that the query describes."""
    return _created(await service.append_event(fields))


async def create_event(
    body: dict[str, Any], service: EventStoreService, request: Request
) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Store the event that the body describes, as it was sent."""
    return _created(await service.append_event(body, request.body))


def _created(event_id: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    body = {"statusCode": 200, "message": "Event created successfully", "id": event_id}
    return body, 200, CREATED
