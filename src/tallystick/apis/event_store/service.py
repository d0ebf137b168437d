"""The service of event_store, called by its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.event_store import to_event
from tallystick.apis.keys import ALL_SCOPES
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext

DEV_KEY = "XXX1XX12XxxxXXxxXXx0xXxx"


class EventStoreService:
    """The service that stores every valid event."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventStoreKey": context.keys.authenticator(to_event.API)
        }
        self.dev_credentials = {"key": DEV_KEY}

    async def open(self) -> None:
        """Create the dev world's key with ``--dev``."""
        if self._context.settings.dev:
            create = self._context.keys.create_key
            await create(to_event.API, "dev", [ALL_SCOPES], secret=DEV_KEY)

    async def close(self) -> None:
        """Return at once: the server owns all its resources."""

    async def append_event(self, fields: Mapping[str, Any], data: bytes | None = None) -> str:
        """Store an event and return its id; `data` is the request's body, if it had one."""
        event = to_event.to_event(fields, data, self._context.clock.now_ms())
        await self._context.log.append(event)
        return event.id

    def samples(self, base_url: str) -> list[Sample]:
        """Return a shell command that stores an event."""
        query = (
            "cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Operation+successful"
        )
        curl = f"curl -H 'x-api-key: {DEV_KEY}' '{base_url}/create?{query}'"
        return [Sample("create an event", curl)]
