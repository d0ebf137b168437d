from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from tallystick.apis.dead_letters import list_dead_letters
from tallystick.delivery.addresses import LOOPBACK
from tallystick.events import EventSelection
from tallystick.ingest import ingestion
from tallystick.ingest.ingestion import Ingestion
from tallystick.ingest.origin import OriginFailed
from tallystick.ingest.received_message import ReceivedMessage
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings
from tallystick.store import DatabaseUnavailable
from tallystick.store.tables import ingested

ROOT = Path(__file__).parents[2]
ATTRIBUTES = {"specversion": "1.0", "source": "/orders", "type": "made"}

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class ListOrigin:
    """An origin that has batches in memory, and fails when it is told."""

    def __init__(self) -> None:
        self.batches: list[Sequence[ReceivedMessage]] = []
        self.settled = 0
        self.failures = 0
        self.opened = 0

    async def open(self) -> None:
        self.opened += 1
        if self.failures:
            self.failures -= 1
            raise OriginFailed("nobody is there")

    async def close(self) -> None:
        """Disconnect from nothing."""

    async def read_batch(self) -> Sequence[ReceivedMessage]:
        await asyncio.sleep(0.01)
        return self.batches.pop(0) if self.batches else ()

    async def settle_batch(self) -> None:
        self.settled += 1

    def lag(self) -> Mapping[str, int]:
        return {"t/0": 7}


def message(id_: str) -> ReceivedMessage:
    return ReceivedMessage(f"t/0/{id_}", "", ATTRIBUTES | {"id": id_}, b"{}")


@pytest.fixture
def origin() -> ListOrigin:
    return ListOrigin()


@pytest.fixture
async def runtime(origin: ListOrigin, tmp_path: Path) -> AsyncIterator[ServerRuntime]:
    settings = Settings(database=f"sqlite:///{tmp_path / 'x.db'}", delivery_networks=LOOPBACK)
    made = ServerRuntime(settings)
    made.ingestion = Ingestion(made.context, origin, "crm", "list:")
    async with made.opened():
        yield made


async def until(is_so: Callable[[], object]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def ids(runtime: ServerRuntime) -> list[str]:
    page = await runtime.context.log.list_events(EventSelection(api="crm"))
    return [event.attributes for event in reversed(page.events)]


async def test_a_batch_is_settled_when_it_is_on_disk(
    origin: ListOrigin, runtime: ServerRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion, "PAUSE_S", 0.01)
    write, calls = runtime.context.log.write, 0

    async def write_late(function: object) -> object:
        nonlocal calls
        calls += 1
        if calls < 4:
            raise DatabaseUnavailable("away")
        assert origin.settled == 0
        return await write(function)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(runtime.context.log, "write", write_late)
    bad = ReceivedMessage("t/0/2", "", {}, b"poison")
    origin.batches.append([message("1"), bad, message("1"), message("2")])
    await until(lambda: origin.settled)
    assert origin.settled == 1
    (letter,) = await list_dead_letters(runtime.context.database, 10, None)
    assert (letter.api, letter.queue, letter.size) == ("crm", "t/0/2", 6)
    assert letter.reason == "is no CloudEvent 1.0, neither structured nor binary"
    assert await ids(runtime) == ['{"originid":"1"}', '{"originid":"2"}']
    assert runtime.ingestion
    counted = runtime.ingestion.families()[1].samples
    assert counted == {("stored",): 2, ("known",): 1, ("refused",): 1}
    assert origin.opened == 1


async def test_an_origin_that_fails_is_opened_again(
    origin: ListOrigin, runtime: ServerRuntime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingestion, "PAUSE_S", 0.01)
    origin.failures = 3
    runtime.ingestion = None  # the fixture's is closed by the runtime
    second = Ingestion(runtime.context, origin, "crm", "list:")
    await second.open()
    origin.batches.append([message("1")])
    await until(lambda: origin.settled)
    await second.close()


async def test_keys_of_old_messages_are_forgotten_while_it_reads(
    origin: ListOrigin, runtime: ServerRuntime
) -> None:
    database = runtime.context.database
    await database.write(lambda c: c.execute(insert(ingested).values(key=b"old", time=1)))
    second = Ingestion(runtime.context, origin, "crm", "list:")
    await second.open()
    async with asyncio.timeout(20):
        while await database.read(lambda c: c.scalars(select(ingested.c.key)).all()):
            await asyncio.sleep(0.01)
    await second.close()


async def test_every_metric_is_documented(runtime: ServerRuntime) -> None:
    page = (ROOT / "docs/metrics.md").read_text("utf-8")
    assert runtime.ingestion
    for family in runtime.ingestion.families():
        labels = ", ".join(f"`{label}`" for label in family.labels)
        assert f"| `{family.name}` | {family.kind} | {labels} | {family.description} |" in page
