"""`tallystick ingest` from a real Kafka broker into a real PostgreSQL, over loopback."""

from __future__ import annotations

import asyncio
import json
import re
from typing import Any

import psycopg
import requests

from kafka_broker import PASSWORD, USER, KafkaBroker

from .conftest import StartIngest, wait_until

CLOUDEVENT = [("content-type", b"application/cloudevents+json; charset=UTF-8")]


def event(id_: object, **more: Any) -> bytes:
    members = {"specversion": "1.0", "id": str(id_), "source": "/orders", "type": "made"}
    return json.dumps(members | more).encode()


async def send(
    kafka: KafkaBroker,
    topic: str,
    *values: bytes,
    key: bytes | None = None,
    codec: str | None = None,
) -> None:
    async with kafka.producer(max_request_size=10_000_000, compression_type=codec) as producer:
        for value in values:
            await producer.send_and_wait(topic, value, key, headers=CLOUDEVENT)


def stored(database: str) -> list[tuple[str, Any]]:
    """Return the sender's id and the data of each event, oldest first."""
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT attributes, data FROM events WHERE api = 'crm' ORDER BY id"
        ).fetchall()
    return [(json.loads(a)["originid"], json.loads(d) if d else None) for a, d in rows]


def read_stored(database: str) -> list[tuple[str, Any]]:
    """Return what is stored, and nothing while the process has just begun."""
    try:
        return stored(database)
    except psycopg.errors.UndefinedTable:
        return []


def count(database: str) -> int:
    return len(read_stored(database))


def metrics(url: str) -> dict[str, float]:
    text = requests.get(f"{url}/metrics", timeout=10).text
    found = re.findall(r"^tallystick_ingest_(\S+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


def test_messages_become_events_and_an_event_that_comes_twice_is_one(
    kafka: KafkaBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    topic = asyncio.run(kafka.create_topic(max_message_bytes="6000000"))
    large = "x" * 5_000_000
    before = [event(1, data={"n": 1}), event(2, data=large), event(1, data="again"), b"poison"]
    asyncio.run(send(kafka, topic, *before, event(3)))
    reader = start_ingest(f"kafka://{kafka.server}/{topic}", postgres_url)
    wait_until(lambda: count(postgres_url) == 3)
    assert stored(postgres_url) == [("1", {"n": 1}), ("2", large), ("3", None)]
    asyncio.run(send(kafka, topic, event(2), event(4)))
    wait_until(lambda: count(postgres_url) == 4)
    wait_until(lambda: metrics(reader.url)['messages_total{result="known"}'] == 2)
    assert metrics(reader.url) == {
        "connected": 1,
        f'lag{{partition="{topic}/0"}}': 0,
        'messages_total{result="stored"}': 4,
        'messages_total{result="known"}': 2,
        'messages_total{result="refused"}': 1,
    }
    assert f"the message {topic}/0/3 is a dead letter: is not JSON" in reader.said
    assert reader.stop() == 0


def test_a_compressed_message_is_read_as_each_other(
    kafka: KafkaBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    topic = asyncio.run(kafka.create_topic())
    codecs = ("gzip", "snappy", "lz4", "zstd")
    for codec in codecs:
        asyncio.run(send(kafka, topic, event(codec, data="x" * 1_000), codec=codec))
    start_ingest(f"kafka://{kafka.server}/{topic}", postgres_url)
    wait_until(lambda: [id_ for id_, _ in read_stored(postgres_url)] == list(codecs))


def test_a_process_that_is_killed_loses_nothing_and_another_goes_on_in_order(
    kafka: KafkaBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    topic = asyncio.run(kafka.create_topic(partitions=2))
    origin = f"kafka://{kafka.server}/{topic}"
    first = start_ingest(origin, postgres_url)
    for part in range(4):
        ids = range(part * 50, part * 50 + 50)
        for key in (b"a", b"b", b"c"):
            each = [event(f"{key.decode()}{n}", data=n, subject=key.decode()) for n in ids]
            asyncio.run(send(kafka, topic, *each, key=key))
        if part == 1:
            wait_until(lambda: count(postgres_url) > 0)
            first.kill()
            start_ingest(origin, postgres_url)
    wait_until(lambda: count(postgres_url) == 600)
    found = stored(postgres_url)
    for name in "abc":
        assert [n for id_, n in found if id_.startswith(name)] == list(range(200))


def test_it_waits_for_a_broker_and_for_a_topic_and_says_why(
    kafka: KafkaBroker, postgres_url: str, start_ingest: StartIngest
) -> None:
    topic = asyncio.run(kafka.create_topic())
    sasl = f"127.0.0.1:{kafka.ports['sasl']}"
    away = start_ingest(f"kafka://127.0.0.1:{kafka.ports['relay']}/{topic}", postgres_url)
    wrong = start_ingest(f"kafka://{USER}:no-such-word@{sasl}/{topic}", postgres_url)
    right = start_ingest(f"kafka://{USER}:{PASSWORD}@{sasl}/{topic}", postgres_url)
    asyncio.run(send(kafka, topic, event(1)))
    wait_until(lambda: count(postgres_url) == 1)
    for each in (away, wrong):
        wait_until(lambda each=each: "can't be read" in each.said)  # type: ignore[misc]  # mypy takes no defaults here
        assert metrics(each.url)["connected"] == 0
        assert each.stop() == 0
    assert right.stop() == 0
    assert not {"no-such-word", PASSWORD} & set(re.split(r"[\s:@/]", wrong.said + right.said))
