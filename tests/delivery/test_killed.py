"""Nothing that was acknowledged is lost, whatever ends a process, and all of it arrives in order.

The real thing: processes that are killed under load, sockets, databases on disk.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Thread

import pytest

from reliability import Figures, scaled
from tallystick.delivery import (
    ENDED,
    Attempt,
    Delivery,
    DeliverySelection,
    DeliveryState,
    Outbox,
    Sender,
)
from tallystick.delivery.addresses import Addresses
from tallystick.store import Database

PROGRAM = Path(__file__).with_name("delivering.py")
ROUNDS = scaled(4, 30)
LEAST_A_ROUND = 20
PATIENCE_S = 90
MOST_KILLS = 20
GROUPS, MEMBERS = 3, 2
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 500 Busy\r\nContent-Length: 0\r\n\r\n"


class Sink:
    """Keeps the order in which deliveries arrive; answers some with 500 the first time."""

    def __init__(self) -> None:
        self.arrivals: list[str] = []
        self._seen: set[str] = set()
        self.is_answering = Flag()
        self.is_answering.set()
        self.pause_s = 0.0
        self.port = 0
        self._ready = Flag()
        self._thread = Thread(target=lambda: asyncio.run(self._run()), daemon=True)
        self._thread.start()
        self._ready.wait()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._closed.set)
        self._thread.join()

    async def _run(self) -> None:
        self._loop, self._closed = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._closed.wait()
        server.close()
        await asyncio.sleep(0.1)  # the processes are gone: each connection notices its end

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                await reader.readexactly(7)
                id_ = head.partition(b"X-Delivery: ")[2].partition(b"\r\n")[0].decode()
                # An eighth of them, and only once.
                is_busy = hash(id_) % 8 == 0 and id_ not in self._seen
                self._seen.add(id_)
                self.arrivals.append(id_)
                await asyncio.sleep(self.pause_s)
                while not self.is_answering.is_set():
                    await asyncio.sleep(0.02)
                writer.write(BUSY if is_busy else OK)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


class Process:
    """One process that delivers, and maybe stores events all the time."""

    def __init__(self, url: str, sink: Sink, how: str) -> None:
        self.acknowledged: list[str] = []
        target = f"http://127.0.0.1:{sink.port}/"
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), url, target, how], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        assert self._process.stdout
        self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            # A line that the kill cut off acknowledges nothing.
            if line.endswith("\n"):
                self.acknowledged.append(line.strip())


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that lasts."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/tallystick.db"
    found: str = request.getfixturevalue("postgres_url")
    return found


def found(url: str) -> tuple[dict[str, Delivery], dict[str, list[Attempt]]]:
    """All deliveries and their attempts, read beside the processes."""

    async def read() -> tuple[dict[str, Delivery], dict[str, list[Attempt]]]:
        database = Database(url, exclusive=False)
        await database.open()
        outbox = Outbox(database, None, Sender(Addresses()))  # type: ignore[arg-type]  # no clock
        deliveries: dict[str, Delivery] = {}
        last = None
        while some := await outbox.list_deliveries(DeliverySelection(), limit=10_000, before=last):
            deliveries |= {d.id: d for d in some}
            last = some[-1].id
        attempts: dict[str, list[Attempt]] = {}
        ids = list(deliveries)
        for at in range(0, len(ids), 5_000):
            attempts |= await outbox.list_attempts(ids[at : at + 5_000])
        await database.close()
        return deliveries, attempts

    return asyncio.run(read())


def open_(url: str) -> list[Delivery]:
    """Some that are still to be delivered."""

    async def read() -> list[Delivery]:
        database = Database(url, exclusive=False)
        await database.open()
        outbox = Outbox(database, None, Sender(Addresses()))  # type: ignore[arg-type]  # no clock
        found = await outbox.list_deliveries(
            DeliverySelection(states=frozenset(DeliveryState) - ENDED), limit=1
        )
        await database.close()
        return found

    return asyncio.run(read())


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.2)


def acknowledged_until_killed(url: str, sink: Sink) -> list[str]:
    """What a process acknowledged that stored events, and was killed."""
    loading = Process(url, sink, "load")
    until(lambda: len(loading.acknowledged) >= LEAST_A_ROUND)
    time.sleep(random.uniform(0, 1))
    loading.kill()
    return loading.acknowledged


@pytest.mark.reliability("SIGKILL of one of three workers")
def test_what_was_acknowledged_arrives_in_order_though_processes_are_killed(
    url: str, sink: Sink, figures: Figures
) -> None:
    acknowledged: list[str] = []
    shared = [Process(url, sink, "share") for _ in range(2 if "postgresql" in url else 0)]
    for _ in range(ROUNDS):
        acknowledged += acknowledged_until_killed(url, sink)
    last = Process(url, sink, "share")
    until(lambda: not open_(url))
    for process in [last, *shared]:
        process.kill()
    deliveries, attempts = found(url)
    _check_stored(acknowledged, deliveries)
    _check_order(sink.arrivals)
    _check_duplicates(sink.arrivals, attempts)
    figures.note(
        kills=ROUNDS,
        deliveries=len(deliveries),
        sent_again=len(sink.arrivals) - len(set(sink.arrivals)),
    )


def _check_stored(acknowledged: list[str], deliveries: dict[str, Delivery]) -> None:
    by_event: dict[str, int] = defaultdict(int)
    for delivery in deliveries.values():
        by_event[delivery.event_id] += 1
    assert len(acknowledged) >= LEAST_A_ROUND * ROUNDS
    assert [id_ for id_ in acknowledged if by_event[id_] != GROUPS * MEMBERS] == []


def _check_order(arrivals: list[str]) -> None:
    """All of a group has arrived for the last time before any of the next arrives."""
    spans: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for at, id_ in enumerate(arrivals):
        event, _, target = id_.split("_")
        spans[event][target[0]].append(at)
    for groups in spans.values():
        ordered = [groups[name] for name in sorted(groups)]
        assert len(ordered) == GROUPS
        for earlier, later in itertools.pairwise(ordered):
            assert max(earlier) < min(later)


def _check_duplicates(arrivals: list[str], attempts: dict[str, list[Attempt]]) -> None:
    """Whatever arrived is an attempt that is known of."""
    counts: dict[str, int] = defaultdict(int)
    for id_ in arrivals:
        counts[id_] += 1
    assert set(counts) == set(attempts)
    assert [id_ for id_, count in counts.items() if count > len(attempts[id_])] == []


@pytest.mark.reliability("SIGSTOP past a lease")
def test_a_worker_that_is_late_does_not_overwrite_what_another_did(
    postgres_url: str, sink: Sink, figures: Figures
) -> None:
    loading = Process(postgres_url, sink, "load")
    sink.is_answering.clear()
    until(lambda: len(sink.arrivals) >= 10)
    # It has sent requests, and is stopped before it learns of the answers.
    loading.send(signal.SIGSTOP)
    time.sleep(0.3)
    late = set(sink.arrivals)
    other = Process(postgres_url, sink, "share")
    time.sleep(2.5)  # by now the leases have run out
    sink.is_answering.set()
    until(lambda: _are_done(late, found(postgres_url)[0]))
    before = {id_: d for id_, d in found(postgres_url)[0].items() if id_ in late}
    loading.send(signal.SIGCONT)
    time.sleep(1.5)  # it hears the answers, and writes
    deliveries, attempts = found(postgres_url)
    for process in (loading, other):
        process.kill()
    assert {id_: deliveries[id_] for id_ in late} == before
    for id_ in late:
        assert attempts[id_][0].outcome == "lost"
        assert deliveries[id_].attempts == len(attempts[id_]) >= 2
    figures.note(stopped_with=f"{len(late)} requests sent")


@pytest.mark.reliability("A delivery that kills its worker")
def test_a_delivery_that_kills_its_worker_is_dead_alone(
    url: str, sink: Sink, figures: Figures
) -> None:
    sink.pause_s = 0.5  # whatever is under way with it is lost with it
    kills, process = 0, Process(url, sink, "poison")
    until(lambda: bool(open_(url)))  # it is ready before it stores anything
    while open_(url):
        assert kills < MOST_KILLS
        if process.has_ended:
            process.kill()
            kills += 1
            process = Process(url, sink, "share")
        time.sleep(0.2)
    process.kill()
    deliveries, attempts = found(url)
    dead = [id_ for id_, delivery in deliveries.items() if delivery.state == "dead"]
    assert len(dead) == 1
    assert {d.state for id_, d in deliveries.items() if id_ not in dead} == {"done"}
    assert [attempt.outcome for attempt in attempts[dead[0]]] == ["lost"] * kills
    figures.note(deliveries=len(deliveries), kills=kills)


def _are_done(ids: set[str], deliveries: dict[str, Delivery]) -> bool:
    return all(deliveries[id_].state == "done" for id_ in ids)
