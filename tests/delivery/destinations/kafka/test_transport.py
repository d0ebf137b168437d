"""Messages to a real Kafka broker on loopback."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from kafka_broker import ELSEWHERE, PASSWORD, USER, KafkaBroker
from tallystick.delivery import Addresses, AttemptOutcome, DeliveryFailure, EndpointResponse
from tallystick.delivery.addresses import LOOPBACK
from tallystick.delivery.destinations.kafka import producers
from tallystick.delivery.destinations.kafka.destination import KafkaDestination
from tallystick.events import Event
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

EVENT = Event("1", "crm", "/crm", "made", "5", 0, b'{"n":5}', "{}")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def destination(monkeypatch: pytest.MonkeyPatch) -> KafkaDestination:
    monkeypatch.setattr(producers, "REQUEST_S", 3.0)
    return KafkaDestination(Addresses(LOOPBACK), Settings())


async def send(by: KafkaDestination, event: Event = EVENT, **options: Any) -> EndpointResponse:
    request = by.build_request({"tls": False, **options}, "target-1", event)
    assert request.transport
    return await request.transport.send_request(request, request.headers)


async def failure(
    by: KafkaDestination, event: Event = EVENT, **options: Any
) -> tuple[AttemptOutcome, str]:
    with pytest.raises(DeliveryFailure) as failed:
        await send(by, event, **options)
    return failed.value.outcome, str(failed.value)


def by_listener(kafka: KafkaBroker, name: str) -> list[str]:
    return [f"127.0.0.1:{kafka.ports[name]}"]


async def test_messages_of_a_subject_are_in_one_partition_in_their_order(
    kafka: KafkaBroker, destination: KafkaDestination
) -> None:
    topic = await kafka.create_topic(partitions=4)
    for number in range(12):
        event = EVENT._replace(subject=f"s{number % 3}", data=b"%d" % number)
        await send(destination, event, servers=[kafka.server], topic=topic, mode="binary")
    records = await kafka.read(topic)
    for subject in range(3):
        own = [record for record in records if record.key == b"s%d" % subject]
        assert [int(record.value) for record in own] == list(range(subject, 12, 3))
        assert len({record.partition for record in own}) == 1


async def test_the_answer_tells_where_the_message_is(
    kafka: KafkaBroker, destination: KafkaDestination
) -> None:
    topic = await kafka.create_topic()
    await send(destination, servers=[kafka.server], topic=topic)
    answer = await send(destination, servers=[kafka.server], topic=topic)
    assert answer == EndpointResponse(200, (), b'{"partition":0,"offset":1}')


async def test_an_address_that_the_brokers_name_is_guarded_as_each_other(
    kafka: KafkaBroker, destination: KafkaDestination
) -> None:
    servers = by_listener(kafka, "elsewhere")
    outcome, words = await failure(destination, servers=servers, topic=await kafka.create_topic())
    assert outcome is AttemptOutcome.FORBIDDEN
    assert f"nothing may be sent to {ELSEWHERE}" in words


async def test_a_first_address_is_guarded_when_it_is_connected_to(kafka: KafkaBroker) -> None:
    destination = KafkaDestination(Addresses(), Settings())
    outcome, words = await failure(destination, servers=[kafka.server], topic="any")
    assert outcome is AttemptOutcome.FORBIDDEN
    assert "nothing may be sent to 127.0.0.1" in words


async def test_a_user_gives_a_password(kafka: KafkaBroker, destination: KafkaDestination) -> None:
    servers, topic = by_listener(kafka, "sasl"), await kafka.create_topic()
    place: dict[str, Any] = {"servers": servers, "topic": topic, "user": USER}
    assert (await send(destination, **place, password=PASSWORD)).status == 200
    outcome, words = await failure(destination, **place, password="no-such-word")
    assert outcome is AttemptOutcome.SERVER_ERROR
    assert "uthentication" in words
    assert "no-such-word" not in words
    assert (await send(destination, **place, password=PASSWORD)).status == 200


async def test_a_large_message_goes_where_the_topic_takes_it(
    kafka: KafkaBroker, destination: KafkaDestination
) -> None:
    large = EVENT._replace(data=b'"' + b"x" * 5_000_000 + b'"')
    small, wide = await kafka.create_topic(), await kafka.create_topic(max_message_bytes="6000000")
    outcome, words = await failure(destination, large, servers=[kafka.server], topic=small)
    assert (outcome, words.partition(":")[0]) == (
        AttemptOutcome.REJECTED,
        "MessageSizeTooLargeError",
    )
    assert (await send(destination, servers=[kafka.server], topic=small)).status == 200
    assert (await send(destination, large, servers=[kafka.server], topic=wide)).status == 200


async def test_an_encrypted_connection_to_a_plain_broker_fails(
    kafka: KafkaBroker, destination: KafkaDestination
) -> None:
    outcome, _ = await failure(destination, servers=[kafka.server], topic="any", tls=True)
    assert outcome in {AttemptOutcome.TLS_ERROR, AttemptOutcome.UNREACHABLE}


async def test_without_the_extra_a_message_waits_for_it(
    destination: KafkaDestination, monkeypatch: pytest.MonkeyPatch
) -> None:
    producers._load.cache_clear()
    monkeypatch.setitem(sys.modules, "aiokafka", None)
    outcome, words = await failure(destination, servers=["127.0.0.1:9"], topic="any")
    assert outcome is AttemptOutcome.LOCAL
    assert "tallystick[brokers]" in words


def test_no_client_is_loaded_before_the_first_message() -> None:
    code = """
import sys
from tallystick.delivery import Addresses
from tallystick.delivery.destinations.registry import Destinations
from tallystick.settings import Settings
options = {"servers": ["kafka.example.org:9093"], "topic": "t"}
Destinations(Addresses(), Settings()).get_kind("kafka").check_options(options)
print("aiokafka" in sys.modules)
"""
    run = [sys.executable, "-c", code]
    assert subprocess.check_output(run, text=True, timeout=60).strip() == "False"
