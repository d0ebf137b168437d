"""The room of charon: the one thing its handlers call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.charon import crons, dev_world, executions
from tallystick.apis.charon.management import Management
from tallystick.apis.charon.mapping import API
from tallystick.apis.charon.register import Register
from tallystick.apis.parts import CredentialFunction, Parts, Sample
from tallystick.contract.problem import Unauthenticated


class Room:
    """Starts and ends executions of crons, keeps what they say, and notices what did not run."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._register = Register(parts.database, parts.clock, parts.log)
        self.crons = Management(self._register)
        parts.log.expire(executions.expire)
        self.credentials: Mapping[str, CredentialFunction] = {"charonKey": self._caller}

    async def open(self) -> None:
        """Make the dev world where there is one, and watch."""
        if self._parts.settings.dev:
            await self._parts.keys.create(API, "dev", secret=dev_world.KEY)
            await self._register.write(dev_world.restore)
        await self._register.watch.open()

    async def close(self) -> None:
        """Watch no more."""
        await self._register.watch.close()

    def wake(self) -> None:
        """The clock was changed: look at the crons again."""
        self._register.watch.wake()

    def samples(self, base_url: str) -> list[Sample]:
        """Lines to paste."""
        return dev_world.samples(base_url)

    async def can_start(self, slug: str) -> dict[str, Any]:
        """Whether the cron is active, and its id; raises `CronNotFound`."""
        cron = await self._register.read(crons.find, slug)
        return {"canStart": cron.active, "id": cron.id, "slug": slug}

    async def start(self, cron_id: int) -> int:
        """The id of a new execution."""
        self._parts.log.admit()
        return await self._register.write(executions.start, cron_id)

    async def end(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> None:
        """End an execution."""
        self._parts.log.admit()
        await self._register.write(executions.end, execution_id, body, raw)

    async def say(self, execution_id: int, body: Mapping[str, Any], raw: bytes) -> int:
        """The id of a new message of an execution, which is on disk when this returns."""
        self._parts.log.admit()
        return await self._register.write(executions.say, execution_id, body, raw)

    def _caller(self, api_key: str, _scopes: Sequence[str]) -> Mapping[str, object]:
        key = self._parts.keys.find(API, api_key)
        if key is None:
            raise Unauthenticated
        return {"sub": key.id}
