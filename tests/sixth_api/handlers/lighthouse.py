"""lighthouse: `POST /lights`."""

from __future__ import annotations

from typing import Any

from tallystick.apis.lighthouse.service import LighthouseService

from tallystick.contract.request import Request


async def show_light(
    body: dict[str, Any], service: LighthouseService, request: Request
) -> tuple[dict[str, str], int]:
    return {"id": await service.show(body, request.body)}, 201
