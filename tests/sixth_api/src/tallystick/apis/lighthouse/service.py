"""The service of lighthouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.contract.exceptions import Unauthenticated
from tallystick.events import Event, new_id

API = "lighthouse"
DEV_KEY = "dev-lighthouse-key"


class LighthouseService:
    """Keeps every light."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.credentials: Mapping[str, CredentialFunction] = {"lighthouseKey": self._caller}

    async def open(self) -> None:
        """Make the dev world's key, where there is a dev world."""
        if self._context.settings.dev:
            await self._context.keys.create_key(API, "dev", secret=DEV_KEY)

    async def close(self) -> None:
        """Nothing to give back."""

    async def show(self, light: Mapping[str, Any], raw: bytes) -> str:
        """Store one light and return its event's id."""
        now_ms = self._context.clock.now_ms()
        source = f"/{API}/{light['lighthouse']}"
        event = Event(new_id(now_ms), API, source, light["colour"], "", now_ms, raw, "{}")
        await self._context.log.append(event)
        return event.id

    def _caller(self, secret: str, _scopes: Sequence[str]) -> Mapping[str, object]:
        key = self._context.keys.get_key(API, secret)
        if key is None:
            raise Unauthenticated
        return {"sub": key.id}

    def samples(self, base_url: str) -> list[Sample]:
        """Return a line to paste that shows a light."""
        return [Sample("show a light", f"curl -H 'X-Lighthouse-Key: {DEV_KEY}' {base_url}/lights")]
