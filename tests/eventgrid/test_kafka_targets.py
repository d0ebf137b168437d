"""Targets `HC.Kafka` and dead letter queues, in a real Kafka on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from eventgrid_hook import Hook
from eventgrid_world import EventgridWorld, http_target
from kafka_broker import PASSWORD, USER, KafkaBroker

QUEUE = {"type": "KAFKA", "instance_id": "i", "connection_id": "kafka-1"}


@pytest.fixture
def kafka_world(kafka: KafkaBroker) -> Iterator[EventgridWorld]:
    """Return a service that knows the broker as `kafka-1`."""
    at = f"127.0.0.1:{kafka.ports['sasl']}"
    known = {"servers": [at], "tls": False, "user": USER, "password": PASSWORD}
    with EventgridWorld(eventgrid_kafka={"kafka-1": known}) as made:
        yield made


def kafka_target(topic: str, connection: str = "kafka-1", **transform: str) -> dict[str, Any]:
    target = {"name": "HC.Kafka", "provider_type": "OFFICIAL", "connection_id": connection}
    detail = {"kafka_detail": {"topic": topic}}
    return {**target, **detail, "transform": transform or {"type": "ORIGINAL"}}


def test_an_event_arrives_in_the_topic(kafka_world: EventgridWorld, kafka: KafkaBroker) -> None:
    topic = kafka_world.run(kafka.create_topic())
    kafka_world.subscribe_to(kafka_target(topic))
    kafka_world.subscribe_to(kafka_target(topic, type="CONSTANT", value="a text"))
    kafka_world.publish({"n": 1}, subject="s")
    kafka_world.wait()
    assert kafka_world.states() == ["done", "done"]
    records = kafka_world.run(kafka.read(topic))
    by_type = {dict(record.headers)["content-type"]: record for record in records}
    event = by_type[b"application/cloudevents+json; charset=utf-8"]
    assert json.loads(event.value)["data"] == {"n": 1}
    assert by_type[b"text/plain; charset=utf-8"].value == b"a text"
    assert {record.key for record in records} == {b"s"}


def test_a_connection_that_is_missing_is_named_and_waited_for(kafka_world: EventgridWorld) -> None:
    kafka_world.subscribe_to(kafka_target("any", "kafka-2"))
    kafka_world.publish()
    kafka_world.wait()
    assert kafka_world.states() == ["pending"]
    assert kafka_world.details() == [
        "the connection kafka-2 is missing in TALLYSTICK_EVENTGRID_KAFKA"
    ]


def test_a_name_that_no_topic_can_have_is_dead(kafka_world: EventgridWorld) -> None:
    kafka_world.subscribe_to(kafka_target("a topic/\u00fc"))
    kafka_world.publish()
    kafka_world.wait()
    assert kafka_world.states() == ["dead"]


def test_what_a_target_refuses_for_good_is_in_its_dead_letter_queue(
    kafka_world: EventgridWorld, kafka: KafkaBroker, hook: Hook
) -> None:
    hook.status = 500
    topic = kafka_world.run(kafka.create_topic())
    queue = {**QUEUE, "topic": topic}
    kafka_world.subscribe_to(http_target(hook.url, retry_times=1, dead_letter_queue=queue))
    kafka_world.publish({"n": 1}, subject="s")
    for _ in range(3):
        kafka_world.wait(3600)
    assert sorted(kafka_world.states()) == ["dead", "done"]
    [record] = kafka_world.run(kafka.read(topic))
    assert json.loads(record.value)["data"] == {"n": 1}
    assert (record.key, dict(record.headers)["reason"]) == (b"s", b"it answered 500")


def test_what_a_target_takes_at_last_is_in_no_dead_letter_queue(
    kafka_world: EventgridWorld, kafka: KafkaBroker, hook: Hook
) -> None:
    hook.status = 500
    topic = kafka_world.run(kafka.create_topic())
    queue = {**QUEUE, "topic": topic}
    kafka_world.subscribe_to(http_target(hook.url, retry_times=1, dead_letter_queue=queue))
    kafka_world.publish()
    kafka_world.wait()
    hook.status = 204
    kafka_world.wait(3600)
    assert kafka_world.states() == ["done"]
    assert kafka_world.run(kafka.read(topic)) == []
