"""`tallystick worker` delivers what servers on the same PostgreSQL accept."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from tallystick.clock import SystemClock
from tallystick.delivery import (
    Addresses,
    DeliverySelection,
    Destination,
    Outbox,
    Sender,
    endpoint_of,
)
from tallystick.delivery.addresses import LOOPBACK, SINK
from tallystick.delivery.notifications import NAME, DeliveryNotifications
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database

COMMAND = [sys.executable, "-m", "tallystick", "worker", "--database"]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_a_worker_takes_up_what_others_store_and_stops_when_told(postgres_url: str) -> None:
    """Its kind has no subscription any more: it is held, which only a worker can have found out."""
    environment = os.environ | {"TALLYSTICK_SECRET_KEY": "a" * 32}
    worker = subprocess.Popen(
        [*COMMAND, postgres_url], stderr=subprocess.PIPE, text=True, env=environment
    )
    assert worker.stderr
    assert worker.stderr.readline() == "delivering\n"
    clock, database = SystemClock(), Database(postgres_url)
    await database.open()
    outbox = Outbox(database, clock, Sender(Addresses()))
    now = clock.now_ms()
    event = Event(new_id(now), "test", "/test", "kind", "", now, b"1", "{}")
    gone = [Destination(str(uuid.uuid4()), endpoint_of(SINK))]
    log = EventLog(database, clock, 1_000)
    await log.append(event, *outbox.build_deliveries(event, "gateway", gone))
    async with asyncio.timeout(10):
        while (await outbox.list_deliveries(DeliverySelection(event_id=event.id)))[
            0
        ].state != "held":
            await asyncio.sleep(0.05)
    (delivery,) = await outbox.list_deliveries(DeliverySelection(event_id=event.id))
    assert delivery.detail == "the subscription is deleted"
    await database.close()
    worker.terminate()
    assert worker.wait(15) == 0
    worker.stderr.close()


@pytest.mark.anyio
async def test_a_worker_with_other_networks_than_a_server_warns_once_of_the_setting(
    postgres_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    server = DeliveryNotifications(postgres_url, lambda: None, Addresses(LOOPBACK))
    await server.open()
    while not await _shown(postgres_url):
        await asyncio.sleep(0.01)
    environment = os.environ | {"TALLYSTICK_SECRET_KEY": "a" * 32}
    environment.pop("TALLYSTICK_DELIVERY_NETWORKS", None)
    worker = await asyncio.create_subprocess_exec(
        *COMMAND, postgres_url, stderr=subprocess.PIPE, env=environment
    )
    assert worker.stderr
    async with asyncio.timeout(30):
        said = {(await worker.stderr.readline()).decode() for _ in range(2)}
    worker.terminate()
    _, more = await worker.communicate()
    assert more == b""
    [warning] = said - {"delivering\n"}
    assert warning.startswith("WARNING TALLYSTICK_DELIVERY_NETWORKS")
    assert "is none here and 127.0.0.0/8,::1/128 in another process" in warning
    assert not caplog.records
    await server.close()


async def _shown(url: str) -> int:
    """Count the processes that deliver, as PostgreSQL shows them."""
    async with await AsyncConnection.connect(url) as connection:
        found = await connection.execute(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND starts_with(application_name, %s)",
            [NAME],
        )
        [(count,)] = await found.fetchall()
        return int(count)


def test_a_worker_on_sqlite_is_refused_in_words(tmp_path: Path) -> None:
    command = [*COMMAND, f"sqlite:///{tmp_path}/tallystick.db"]
    refused = subprocess.run(command, check=False, capture_output=True, text=True)
    assert refused.returncode == 2
    assert "a worker needs PostgreSQL" in refused.stderr
