"""charon: `/api/…` for those who run crons, `/gateway/v1/…` for those who watch them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.charon.service import CharonService
from tallystick.contract.request import Request

Reply = tuple[Any, int, Mapping[str, str]]

JSON = {"Content-Type": "application/json"}
NOT_KEPT = {"Cache-Control": "no-store"}


async def can_start(slug: str, service: CharonService) -> Reply:
    return await service.can_start(slug), 200, NOT_KEPT


async def start_execution(id_: int, service: CharonService) -> Reply:
    return {"id": await service.start_execution(id_)}, 200, NOT_KEPT


async def end_execution(
    id_: int, body: Mapping[str, Any], service: CharonService, request: Request
) -> dict[str, int]:
    await service.end_execution(id_, body, request.body)
    return {"id": id_}


async def add_message(
    id_: int, body: Mapping[str, Any], service: CharonService, request: Request
) -> dict[str, int]:
    return {"id": await service.add_message(id_, body, request.body)}


async def renew_lease(id_: int, body: Mapping[str, Any], service: CharonService) -> dict[str, int]:
    await service.renew_lease(id_, body)
    return {"id": id_}


async def list_crons(
    service: CharonService, limit: int, cursor: str | None = None, state: str | None = None
) -> Reply:
    return await service.crons.list_crons(limit, cursor, state), 200, JSON


async def create_cron(body: Mapping[str, Any], service: CharonService) -> Reply:
    return await service.crons.create_cron(body), 201, JSON


async def get_cron(slug: str, service: CharonService) -> Reply:
    return await service.crons.get_cron(slug), 200, JSON


async def change_cron(slug: str, body: Mapping[str, Any], service: CharonService) -> Reply:
    return await service.crons.update_cron(slug, body), 200, JSON


async def delete_cron(slug: str, service: CharonService) -> tuple[None, int]:
    await service.crons.delete_cron(slug)
    return None, 204


async def list_executions(
    slug: str, service: CharonService, limit: int, messages: int, cursor: str | None = None
) -> Reply:
    return await service.crons.list_executions(slug, limit, messages, cursor), 200, JSON


async def end_cron_execution(
    slug: str, id_: int, body: Mapping[str, Any], service: CharonService
) -> Reply:
    return await service.crons.end_execution(slug, id_, body), 200, JSON


async def preview_schedule(body: Mapping[str, Any], service: CharonService) -> Reply:
    return await service.crons.preview_schedule(body), 200, JSON
