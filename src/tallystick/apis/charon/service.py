"""The service of charon, called by its handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from tallystick.apis.charon import change_marker, crons, dev_world, executions
from tallystick.apis.charon.cron_counts import count_crons
from tallystick.apis.charon.cron_management import CronManagement
from tallystick.apis.charon.cron_store import CronStore
from tallystick.apis.charon.to_event import API
from tallystick.apis.service_context import CredentialFunction, Sample, ServiceContext
from tallystick.metric_family import MetricFamily


class CharonService:
    """The service that starts and ends executions, stores their messages and runs the monitor."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._cron_store = CronStore(
            context.database,
            context.clock,
            context.log,
            longest_run_s=context.settings.charon_longest_run,
            console_url=context.settings.console_url,
        )
        self.crons = CronManagement(self._cron_store)
        context.log.add_expirer(executions.expire_executions)
        self.credentials: Mapping[str, CredentialFunction] = {
            "charonKey": context.keys.authenticator(API)
        }
        self.dev_credentials = {"key": dev_world.KEY}

    async def open(self) -> None:
        """Create the dev world's crons with ``--dev``."""
        if self._context.settings.dev:
            for secret, scopes in dev_world.KEYS.items():
                await self._context.keys.create_key(API, "dev", scopes, secret=secret)
            await self._cron_store.write(dev_world.restore_crons)

    async def start(self) -> None:
        """Start the monitor, which may store events at once."""
        await self._cron_store.monitor.start()

    async def close(self) -> None:
        """Stop the monitor."""
        await self._cron_store.monitor.close()

    def wake(self) -> None:
        """Wake the monitor after a change of the clock."""
        self._cron_store.monitor.wake()

    async def catch_up(self) -> None:
        """Record all state changes brought by the clock."""
        await self._cron_store.monitor.update_due()

    async def begin_anew(self) -> None:
        """Expect no run before now."""
        await self._cron_store.write(crons.expect_anew)

    def read_metrics(self, connection: Connection) -> list[MetricFamily]:
        """Return the numbers of crons."""
        return [count_crons(connection)]

    def read_marker(self, connection: Connection) -> str:
        """Return a text that is another one after a change of a cron or a run."""
        return change_marker.read_marker(connection)

    def samples(self, base_url: str) -> list[Sample]:
        """Return shell commands to paste."""
        return dev_world.samples(base_url)

    async def can_start(self, slug: str) -> dict[str, Any]:
        """Return whether the cron is active, and its id; raise `CronNotFound`."""
        cron = await self._cron_store.read(crons.get_cron, slug)
        return {"canStart": cron.active, "id": cron.id, "slug": slug}

    async def start_execution(self, cron_id: int) -> int:
        """Start an execution and return its id."""
        return await self._cron_store.append(executions.start_execution, cron_id)

    async def end_execution(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> None:
        """End an execution."""
        await self._cron_store.append(executions.end_execution, execution_id, body, raw)

    async def add_message(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> int:
        """Store a message of an execution on disk and return its id."""
        return await self._cron_store.append(executions.add_message, execution_id, body, raw)

    async def renew_lease(self, execution_id: int, body: Mapping[str, Any]) -> None:
        """Note an execution to be alive for so many seconds."""
        await self._cron_store.write(executions.renew_lease, execution_id, body["seconds"])
