"""eventhos: `POST /event/send`, `POST /auth/token`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.eventhos import Room
from tallystick.contract.request import Request


def find_event(event_identifier: str, room: Room, token_info: Mapping[str, Any]) -> None:
    room.find_event(event_identifier, token_info)


async def send_event(
    event_identifier: str, room: Room, token_info: Mapping[str, Any], request: Request
) -> Mapping[str, Any]:
    return await room.send(event_identifier, token_info, request)


async def create_token(
    body: Mapping[str, str], room: Room
) -> tuple[Mapping[str, Any], int, Mapping[str, str]]:
    created = room.create_token(body["client_id"], body["client_secret"])
    return created, 201, {"Cache-Control": "no-store"}
