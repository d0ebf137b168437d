"""The service of charon: all that its handlers call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.charon import crons, dev_world, executions
from tallystick.apis.charon.cron_management import CronManagement
from tallystick.apis.charon.cron_store import CronStore
from tallystick.apis.charon.to_event import API
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext


class CharonService:
    """Starts and ends executions of crons, keeps what they say, and notices what did not run."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._cron_store = CronStore(context.database, context.clock, context.log)
        self.crons = CronManagement(self._cron_store)
        context.log.add_expirer(executions.expire_executions)
        self.credentials: Mapping[str, CredentialFunction] = {
            "charonKey": context.keys.authenticator(API)
        }

    async def open(self) -> None:
        """Make the dev world where there is one, and watch."""
        if self._context.settings.dev:
            for secret, scopes in dev_world.KEYS.items():
                await self._context.keys.create_key(API, "dev", scopes, secret=secret)
            await self._cron_store.write(dev_world.restore_crons)
        await self._cron_store.monitor.open()

    async def close(self) -> None:
        """Watch no more."""
        await self._cron_store.monitor.close()

    def wake(self) -> None:
        """The clock was changed: look at the crons again."""
        self._cron_store.monitor.wake()

    def samples(self, base_url: str) -> list[Sample]:
        """Lines to paste."""
        return dev_world.samples(base_url)

    async def can_start(self, slug: str) -> dict[str, Any]:
        """Whether the cron is active, and its id; raises `CronNotFound`."""
        cron = await self._cron_store.read(crons.get_cron, slug)
        return {"canStart": cron.active, "id": cron.id, "slug": slug}

    async def start_execution(self, cron_id: int) -> int:
        """The id of a new execution."""
        return await self._cron_store.append(executions.start_execution, cron_id)

    async def end_execution(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> None:
        """End an execution."""
        await self._cron_store.append(executions.end_execution, execution_id, body, raw)

    async def add_message(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> int:
        """The id of a new message of an execution, which is on disk when this returns."""
        return await self._cron_store.append(executions.add_message, execution_id, body, raw)
