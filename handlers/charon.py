"""charon: `/api/…` for those who run crons, `/gateway/v1/crons…` for those who watch them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.charon import Room
from tallystick.contract.request import Request

Reply = tuple[Any, int, Mapping[str, str]]

JSON = {"Content-Type": "application/json"}
NOT_KEPT = {"Cache-Control": "no-store"}


async def can_start(slug: str, room: Room) -> Reply:
    return await room.can_start(slug), 200, NOT_KEPT


async def start_execution(id_: int, room: Room) -> Reply:
    return {"id": await room.start(id_)}, 200, NOT_KEPT


async def end_execution(
    id_: int, body: Mapping[str, Any], room: Room, request: Request
) -> dict[str, int]:
    await room.end(id_, body, request.body)
    return {"id": id_}


async def add_message(
    id_: int, body: Mapping[str, Any], room: Room, request: Request
) -> dict[str, int]:
    return {"id": await room.say(id_, body, request.body)}


async def list_crons(room: Room, limit: int, cursor: str | None = None) -> Reply:
    return await room.crons.page(limit, cursor), 200, JSON


async def create_cron(body: Mapping[str, Any], room: Room) -> Reply:
    return await room.crons.add(body), 201, JSON


async def get_cron(slug: str, room: Room) -> Reply:
    return await room.crons.find(slug), 200, JSON


async def change_cron(slug: str, body: Mapping[str, Any], room: Room) -> Reply:
    return await room.crons.change(slug, body), 200, JSON


async def delete_cron(slug: str, room: Room) -> tuple[None, int]:
    await room.crons.remove(slug)
    return None, 204


async def list_executions(
    slug: str, room: Room, limit: int, messages: int, cursor: str | None = None
) -> Reply:
    return await room.crons.executions(slug, limit, messages, cursor), 200, JSON
