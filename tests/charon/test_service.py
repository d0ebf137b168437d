"""The service of charon does what its handlers ask, and has the dev world with --dev alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from manual_clock import ManualClock
from tallystick.apis.charon import dev_world
from tallystick.apis.charon.exceptions import AlreadyEnded, CronNotActive, CronNotFound
from tallystick.apis.charon.service import CharonService
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Unauthenticated
from tallystick.delivery import Addresses, Outbox, Sender
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database

pytestmark = pytest.mark.anyio

Serve = Callable[..., AbstractAsyncContextManager[CharonService]]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Open a service on one file: `serve(dev=False)`."""

    @asynccontextmanager
    async def serve(*, dev: bool = True) -> AsyncIterator[CharonService]:
        settings = Settings(database=f"sqlite:///{tmp_path}/charon.db", dev=dev)
        database, clock = Database(settings.database), ManualClock()
        sender = Sender(Addresses(()))
        log = EventLog(database, clock, settings.queue)
        keys = ApiKeys(database, clock, dev=dev)
        outbox = Outbox(database, clock, sender)
        context = ServiceContext(settings, clock, database, log, keys, outbox, Encryptor())
        service = CharonService(context)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(sender.close)
            for component in (database, keys, service):
                await component.open()
                stack.push_async_callback(component.close)
            yield service

    return serve


async def test_a_cron_may_start_while_it_is_active(serve: Serve) -> None:
    async with serve() as service:
        assert await service.can_start("nightly-report") == {
            "canStart": True,
            "id": 1,
            "slug": "nightly-report",
        }
        assert (await service.can_start("retired-import"))["canStart"] is False
        with pytest.raises(CronNotFound):
            await service.can_start("none")


async def test_an_execution_is_started_says_something_and_ends_once(serve: Serve) -> None:
    async with serve() as service:
        id_ = await service.start_execution(1)
        said = {"message": "half", "type": "info"}
        assert await service.add_message(id_, said, b'{"message":"half"}') == 1
        end = {"type": "success", "success": True}
        await service.end_execution(id_, end, b"{}")
        with pytest.raises(AlreadyEnded):
            await service.end_execution(id_, end, b"{}")
        with pytest.raises(CronNotActive):
            await service.start_execution(2)


async def test_without_dev_there_is_no_cron_and_no_known_key(serve: Serve) -> None:
    async with serve() as service:
        assert service.credentials["charonKey"](dev_world.KEY, ())
    async with serve(dev=False) as service:
        with pytest.raises(Unauthenticated):
            service.credentials["charonKey"](dev_world.KEY, ())


async def test_the_known_crons_are_not_made_without_dev(serve: Serve) -> None:
    async with serve(dev=False) as service:
        assert (await service.crons.list_crons(10, None))["crons"] == []


async def test_its_lines_to_paste_lead_to_it(serve: Serve) -> None:
    async with serve() as service:
        assert service.samples("http://h") == dev_world.samples("http://h")
