"""How many deliveries a second one process makes, to an endpoint on the same machine.

A backlog is stored first, event by event in group commits; measured is the time until all of it
is delivered and marked so, 64 requests in flight. Both databases are as durable as in service.

Then events are sent to a whole server, with a contract and without.
"""

from __future__ import annotations

import asyncio
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import uvloop

from benchmarks import sends
from postgres import Cluster
from tallystick.clock import SystemClock
from tallystick.delivery import (
    Addresses,
    Delivery,
    DeliverySelection,
    DeliveryState,
    Destination,
    Dispatcher,
    Outbox,
    OutgoingRequest,
    Sender,
    endpoint_of,
)
from tallystick.delivery.addresses import LOOPBACK
from tallystick.events import Event, EventLog, new_id
from tallystick.store import Database, Entry

BACKLOG = 20_000
IN_FLIGHT = 64
KIND = "benchmark"
DATA = b'{"name":"Morpheush","job":"Leader","id":"199","createdAt":"2020-02-20T11:00:28.107Z"}'


class SinkAdapter:
    """Posts the event's data."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def build_request(self, _delivery: Delivery, event: Event) -> OutgoingRequest:
        """The same URL for all."""
        return OutgoingRequest(
            "POST", self._url, [("Content-Type", "application/json")], event.data
        )

    def on_response(self, *_: object) -> list[Entry]:
        """Nothing follows."""
        return []


def main() -> None:
    """Print a line for each database."""
    print(f"{'database':12} {'deliveries/s':>12} {'CPU µs each':>12}   {IN_FLIGHT} in flight")
    with ExitStack() as stack:
        url = f"http://127.0.0.1:{stack.enter_context(running_sink())}/"
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        cluster = stack.enter_context(Cluster(real=True).running())
        for name, database in _databases(stack, cluster, folder, "backlog").items():
            rate, cpu = uvloop.run(_measure(database, url))
            print(f"{name:12} {rate:12,.0f} {cpu:12.0f}")
        print(f"\n{'database':12} {'case':32} {'sends/s':>8} {'× real':>7} {'CPU µs':>7} calls/s")
        for name, database in _databases(stack, cluster, folder, "sends").items():
            for sent in sends.measure(database, Path(folder), url):
                print(f"{name:12} {_line(sent)}")


def _databases(stack: ExitStack, cluster: Cluster, folder: str, name: str) -> dict[str, str]:
    """New ones, of each kind."""
    postgresql = stack.enter_context(cluster.database())
    return {"SQLite": f"sqlite:///{folder}/{name}.db", "PostgreSQL": postgresql}


def _line(sent: sends.Sent) -> str:
    times = sent.rate / sends.REAL[sent.case]
    calls = "" if sent.delivered is None else f"{sent.delivered:,.0f}"
    return f"{sent.case:32} {sent.rate:8,.0f} {times:7.1f} {sent.cpu_us:7.0f} {calls:>7}"


@contextmanager
def running_sink() -> Iterator[int]:
    """Run an endpoint that takes everything for the block, and yield its port."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sink.py"))], stdout=subprocess.PIPE
    )
    assert process.stdout
    yield int(process.stdout.readline())
    process.kill()
    process.wait()
    process.stdout.close()


async def _measure(url: str, sink: str) -> tuple[float, float]:
    """Deliveries a second, and this process's CPU time for each, in microseconds."""
    clock, database = SystemClock(), Database(url)
    sender = Sender(Addresses(LOOPBACK))
    outbox = Outbox(database, clock, sender)
    outbox.register_adapter(KIND, SinkAdapter(sink))
    dispatcher = Dispatcher(
        database, clock, outbox, in_flight=4 * IN_FLIGHT, per_endpoint=IN_FLIGHT
    )
    await database.open()
    await _store_backlog(EventLog(database, clock, BACKLOG), outbox, endpoint_of(sink))
    begun, cpu = time.perf_counter(), _cpu_s()
    await dispatcher.open()
    while await _count(outbox, DeliveryState.PENDING) or await _count(outbox, DeliveryState.LEASED):
        await asyncio.sleep(0.05)
    seconds, cpu = time.perf_counter() - begun, _cpu_s() - cpu
    done = await _count(outbox, DeliveryState.DONE)
    assert done == BACKLOG, f"{done} of {BACKLOG} were delivered"
    for part in (dispatcher, sender, database):
        await part.close()
    return BACKLOG / seconds, cpu / BACKLOG * 1e6


async def _store_backlog(log: EventLog, outbox: Outbox, endpoint: str) -> None:
    clock = SystemClock()
    appends = []
    for _ in range(BACKLOG):
        now = clock.now_ms()
        event = Event(new_id(now), KIND, "/benchmark", "backlog", "", now, DATA, "{}")
        entries = outbox.build_deliveries(event, KIND, [Destination("1", endpoint)])
        appends.append(asyncio.ensure_future(log.append(event, *entries)))
    await asyncio.gather(*appends)


async def _count(outbox: Outbox, state: DeliveryState) -> int:
    limit = BACKLOG if state is DeliveryState.DONE else 1
    return len(
        await outbox.list_deliveries(DeliverySelection(states=frozenset({state})), limit=limit)
    )


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()
