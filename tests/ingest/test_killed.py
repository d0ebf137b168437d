"""Messages of Kafka while the broker and the process that reads it are killed in turn."""

from __future__ import annotations

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from kafka_broker import KafkaBroker
from reliability import Figures, scaled

from .conftest import StartIngest, wait_until
from .test_kafka_origin import CLOUDEVENT, count, event, stored

PARTITIONS = 4
PIPELINED = 50
PATIENCE_S = 600.0


async def produce(kafka: KafkaBroker, topic: str, numbers: range) -> None:
    """Send an event for each number, whose partition is the number's; each is acknowledged."""
    async with kafka.producer(linger_ms=5) as producer:
        for start in range(0, len(numbers), PIPELINED):
            sent = [
                await producer.send(
                    topic,
                    event(n, data=n, subject=f"p{n % PARTITIONS}"),
                    partition=n % PARTITIONS,
                    headers=CLOUDEVENT,
                )
                for n in numbers[start : start + PIPELINED]
            ]
            await asyncio.gather(*sent)


@pytest.mark.reliability("A broker and its reader killed in turn")
def test_each_message_is_one_event_in_the_order_of_its_partition(
    kafka: KafkaBroker, postgres_url: str, start_ingest: StartIngest, figures: Figures
) -> None:
    messages, kills = scaled(400, 10_000), scaled(2, 20)
    topic = asyncio.run(kafka.create_topic(PARTITIONS))
    origin = f"kafka://{kafka.server}/{topic}"
    reader = start_ingest(origin, postgres_url)
    each = messages // kills
    with ThreadPoolExecutor(1) as pool:
        for kill in range(kills):
            numbers = range(kill * each, kill * each + each)
            sending = pool.submit(asyncio.run, produce(kafka, topic, numbers))
            wait_until(lambda least=kill * each: count(postgres_url) >= least, PATIENCE_S)  # type: ignore[misc]  # mypy takes no defaults here
            if kill % 2:
                kafka.kill()
                kafka.start()
            else:
                reader.kill()
                reader = start_ingest(origin, postgres_url)
            sending.result(PATIENCE_S)
    wait_until(lambda: count(postgres_url) >= messages, PATIENCE_S)
    found = [int(id_) for id_, _ in stored(postgres_url)]
    for partition in range(PARTITIONS):
        own = [n for n in found if n % PARTITIONS == partition]
        assert own == list(range(partition, messages, PARTITIONS))
    sent = Counter(record.value for record in asyncio.run(kafka.read(topic)))
    # A producer that lost an answer sends again: the topic has it twice, and the log once.
    figures.note(messages=messages, kills=kills, twice_in_the_topic=sum(sent.values()) - len(sent))
