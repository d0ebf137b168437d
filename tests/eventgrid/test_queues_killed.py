"""No message of a queue is lost, whatever ends the server or the broker."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from pathlib import Path
from threading import Thread

import aio_pika
import pytest

from rabbitmq_broker import RabbitmqBroker
from rabbitmq_world import PATIENCE_S, Queue, create, detail, events, message, wait_until
from reliability import Figures, scaled
from server_process import ServerProcess, StartServer
from tallystick.apis.eventgrid.queue_consumer import PREFETCH

MESSAGES = scaled(400, 10_000)
KILLS = scaled(2, 20)


class Publisher:
    """Publishes the numbers up to `MESSAGES`, each until the broker confirms it.

    Messages with an odd number have an id.
    """

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self.sent = 0
        self._thread = Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> None:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()

    async def _run(self) -> None:
        while self.sent < MESSAGES:
            try:
                await asyncio.wait_for(self._publish(), PATIENCE_S)
            except (OSError, RuntimeError, aio_pika.exceptions.AMQPError):
                await asyncio.sleep(0.1)

    async def _publish(self) -> None:
        async with await aio_pika.connect(self._queue.url) as connection:
            channel = await connection.channel()
            while self.sent < MESSAGES:
                id_ = {"message_id": f"m-{self.sent}"} if self.sent % 2 else {}
                body = message(str(self.sent).encode(), **id_)
                await channel.default_exchange.publish(body, self._queue.name)
                self.sent += 1


@pytest.fixture
def broker() -> Iterator[RabbitmqBroker]:
    """Return a broker of the test's own, to be killed."""
    with RabbitmqBroker().running() as made:
        yield made


def stored(database: Path) -> list[int]:
    """Return the numbers in the log, in its order."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as connection:
        wanted = "SELECT data FROM events WHERE api = 'eventgrid' ORDER BY id"
        return [int(data) for (data,) in connection.execute(wanted)]


def _has_stored(server: ServerProcess, count: int) -> bool:
    return len(set(stored(server.database))) >= count


def _count_repeated(numbers: Sequence[int], start: int, end: int) -> int:
    """Return how many numbers within a span of the log were in it before."""
    seen = Counter(numbers[:start])
    repeated = 0
    for number in numbers[start:end]:
        repeated += number in seen
        seen[number] += 1
    return repeated


@pytest.mark.reliability("RabbitMQ and the server killed in turn")
def test_each_confirmed_message_of_a_queue_is_stored_in_its_order(
    start_server: StartServer, broker: RabbitmqBroker, figures: Figures
) -> None:
    known = json.dumps({"broker": f"amqp://127.0.0.1:{broker.port}"})
    server = start_server(TALLYSTICK_EVENTGRID_RABBITMQ=known)
    queue = Queue(broker)
    create(server, detail(queue))
    publisher = Publisher(queue)
    publisher.start()
    marks = []
    for number in range(KILLS):
        wait_until(partial(_has_stored, server, (number + 1) * MESSAGES // (KILLS + 1)))
        killed: ServerProcess | RabbitmqBroker = broker if number % 2 else server
        killed.kill()
        marks.append(len(stored(server.database)))
        killed.start()
    publisher.join()
    wait_until(partial(_has_stored, server, MESSAGES))
    server.stop()
    numbers = stored(server.database)
    assert list(dict.fromkeys(numbers)) == list(range(MESSAGES))
    odd = [number for number in numbers if number % 2]
    assert odd == list(range(1, MESSAGES, 2))
    by_kill = [_count_repeated(numbers, *span) for span in pairwise([*marks, len(numbers)])]
    # The messages under way come again after a kill of the server. A killed RabbitMQ has forgotten
    # each acknowledgement that it had not written to its disk.
    assert max(by_kill[::2]) <= PREFETCH
    twice = {"server": sum(by_kill[::2]), "broker": sum(by_kill[1::2])}
    figures.note(
        messages=MESSAGES,
        kills=KILLS,
        stored_twice=f"{twice['server']} after kills of "
        f"the server, {twice['broker']} after kills of the broker, all without an id",
    )


@pytest.mark.reliability("RabbitMQ and the server killed in turn")
def test_another_process_reads_on_when_one_ends(
    start_server: StartServer, postgres_url: str, rabbitmq: RabbitmqBroker, figures: Figures
) -> None:
    known = json.dumps({"broker": f"amqp://127.0.0.1:{rabbitmq.port}"})
    settings = {"TALLYSTICK_EVENTGRID_RABBITMQ": known}
    queue = Queue(rabbitmq)
    first = start_server("--database", postgres_url, **settings)
    create(first, detail(queue))
    queue.publish(message(b"1"))
    wait_until(lambda: _data(first) == [1])
    second = start_server("--database", postgres_url, **settings)
    # One that is killed leaves its lease, and one that is stopped ends it.
    how: Callable[[], object] = scaled(first.stop, first.kill)
    how()
    queue.publish(message(b"2"))
    wait_until(lambda: _data(second) == [1, 2])
    queue.delete()
    figures.note(signal=scaled(signal.SIGTERM, signal.SIGKILL).name)


def _data(server: ServerProcess) -> list[object]:
    return [event["data"] for event in events(server)]
