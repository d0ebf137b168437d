"""Requests of keyastrom, handed to its room."""

from __future__ import annotations

from typing import Any

from tallystick.apis.keyastrom import Room
from tallystick.contract.request import Request


async def ingest_event(
    body: dict[str, Any], room: Room, request: Request, environment: str = "default"
) -> tuple[dict[str, Any], int]:
    return await room.ingest(environment, body, request.body), 201
