"""A source of type RABBITMQ reads its queue from a real broker, and its status tells the truth."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
import requests
from aio_pika import Message
from prometheus_client.parser import text_string_to_metric_families

from rabbitmq_broker import RabbitmqBroker
from rabbitmq_world import (
    GATEWAY,
    Queue,
    change,
    create,
    dead_letters,
    detail,
    events,
    message,
    wait_for_status,
    wait_until,
)
from server_process import ServerProcess, StartServer

LARGE = b"x" * (5 * 1024 * 1024)


@pytest.fixture
def queue(rabbitmq: RabbitmqBroker) -> Iterator[Queue]:
    """Return a queue of the test's own."""
    made = Queue(rabbitmq)
    yield made
    made.delete()


@pytest.fixture
def reading(start_server: StartServer, rabbitmq: RabbitmqBroker) -> ServerProcess:
    """Return a server that knows the broker by its setting."""
    known = {"broker": f"amqp://127.0.0.1:{rabbitmq.port}"}
    return start_server(TALLYSTICK_EVENTGRID_RABBITMQ=json.dumps(known))


CLOUDEVENT = {
    "specversion": "1.0",
    "id": "order-1",
    "source": "/their/app",
    "type": "order:made",
    "subject": "one",
    "tenant": "a",
}
STRUCTURED = {"content_type": "application/cloudevents+json; charset=utf-8"}
BINARY = {f"cloudEvents:{name}": v for name, v in {**CLOUDEVENT, "id": "order-2"}.items()}
POISON: Sequence[tuple[Message, str]] = [
    (message(b'{"a": 1,', content_type="application/json"), "its body is not JSON"),
    (message(b"\xff\xfe"), "neither JSON nor text"),
    (message(b"[]", **STRUCTURED), "no JSON object"),
    (message(b'{"specversion":"1.0","id":"1"}', **STRUCTURED), "source is missing"),
    (message(json.dumps({**CLOUDEVENT, "id": "\ud800"}).encode(), **STRUCTURED), "id"),
    (message(b"[" * 2_000, content_type="application/json"), "nested deeper"),
    (message(LARGE), "TALLYSTICK_BODY_LIMIT"),
]


def test_messages_become_events_in_their_order_and_poison_becomes_dead_letters(
    reading: ServerProcess, queue: Queue
) -> None:
    id_ = create(reading, detail(queue))
    data = b'{"n":  1.0}'
    queue.publish(
        message(json.dumps(CLOUDEVENT).encode()[:-1] + b',"data":' + data + b"}", **STRUCTURED),
        message(data, headers=BINARY, content_type="application/json"),
        *(poison for poison, _ in POISON),
        message(data, headers={"X-Shop": "a", "deep": {"n": [1]}, "id": "mine"}, type="made"),
        message("größer".encode(), message_id="m-1", content_type="text/plain"),
    )
    wait_until(lambda: len(events(reading)) == 4)
    structured, binary, wrapped, plain = events(reading)
    for event, own_id in ((structured, "order-1"), (binary, "order-2")):
        assert (event["source"], event["type"], event["subject"]) == (
            "/their/app",
            "order:made",
            "one",
        )
        assert (event["eventgridid"], event["tenant"], event["data"]) == (
            own_id,
            "a",
            {"n": 1.0},
        )
    assert (wrapped["source"], wrapped["type"], wrapped["subject"]) == ("shop", "made", queue.name)
    assert (wrapped["xshop"], wrapped["deep"], wrapped["headerid"]) == ("a", '{"n":[1]}', "mine")
    assert (plain["type"], plain["eventgridid"]) == ("rabbitmq.message", "m-1")
    assert (plain["data"], plain["contenttype"]) == ("größer", "text/plain")

    wait_until(lambda: len(dead_letters(reading, queue)) == len(POISON))
    letters = dead_letters(reading, queue)
    for letter, (poison, reason) in zip(letters, POISON, strict=True):
        assert reason in letter["reason"]
        assert (letter["source"], letter["queue"]) == ("shop", queue.name)
        assert letter["size"] == len(poison.body)
    url = f"{reading.url}/gateway/v1/dead-letters/{letters[-1]['id']}"
    whole = requests.get(url, headers=GATEWAY, timeout=30).json()
    assert base64.b64decode(whole["body"]) == LARGE
    wait_for_status(reading, id_, "")
    assert queue.count() == 0
    assert "Traceback" not in reading.stderr


def test_a_message_with_an_id_is_one_event_however_often_it_comes(
    reading: ServerProcess, queue: Queue
) -> None:
    create(reading, detail(queue))
    cloudevent = message(json.dumps(CLOUDEVENT).encode(), **STRUCTURED)
    named = message(b"1", message_id="m-1")
    nameless = message(b"2")
    queue.publish(cloudevent, named, nameless)
    others = (message(b"3", message_id="m-1"), message(b"1", message_id="m-1", timestamp=1))
    queue.publish(cloudevent, named, nameless, *others, message(b"\xff"))
    wait_until(lambda: counts(reading) == {"stored": 6, "known": 2, "refused": 1})
    assert [event.get("data") for event in events(reading)] == [None, 1, 2, 2, 3, 1]


def counts(server: ServerProcess) -> dict[str, float]:
    """Return the numbers of messages of queues by result."""
    families = text_string_to_metric_families(
        requests.get(f"{server.url}/metrics", timeout=30).text
    )
    (found,) = [each for each in families if each.name == "tallystick_queue_messages"]
    return {sample.labels["result"]: sample.value for sample in found.samples}


def test_keys_of_old_messages_are_forgotten_while_queues_are_read(
    start_server: StartServer,
) -> None:
    server = start_server(TALLYSTICK_EVENTGRID_RABBITMQ='{"broker": "amqp://127.0.0.1:1"}')
    with closing(sqlite3.connect(server.database, timeout=30)) as connection:
        connection.execute("INSERT INTO ingested (key, time) VALUES (x'00', 1)")
        connection.commit()
        nowhere = {"instance_id": "broker", "queue_name": "orders"}
        create(server, nowhere | {"user_name": "guest", "password": "guest"})
        wait_until(lambda: not connection.execute("SELECT key FROM ingested").fetchall())


def test_the_status_of_a_source_follows_its_broker(reading: ServerProcess, queue: Queue) -> None:
    id_ = create(reading, detail(queue, password="wrong"))
    wait_for_status(reading, id_, "ACCESS_REFUSED")
    change(reading, id_, detail(queue, vhost_name="nowhere"))
    wait_for_status(reading, id_, "virtual host nowhere")
    change(reading, id_, detail(queue))
    wait_for_status(reading, id_, "")
    queue.delete()
    wait_for_status(reading, id_, "no queue")
    queue.declare()
    wait_for_status(reading, id_, "")
    queue.broker.change_password("changed")
    change(reading, id_, detail(queue))
    wait_for_status(reading, id_, "")


def test_an_instance_is_found_by_a_call_and_guarded(
    start_server: StartServer, queue: Queue
) -> None:
    server = start_server(TALLYSTICK_EVENTGRID_RABBITMQ='{"far": "amqp://10.1.2.3"}')
    id_ = create(server, detail(queue, instance_id="far"))
    wait_for_status(server, id_, "TALLYSTICK_DELIVERY_NETWORKS")
    change(server, id_, detail(queue, instance_id="near"))
    wait_for_status(server, id_, "no address is known for the instance near")
    instances = f"{server.url}/gateway/v1/rabbitmq-instances"

    def name(port: int) -> None:
        body = {"address": f"amqp://127.0.0.1:{port}"}
        answer = requests.put(f"{instances}/near", json=body, headers=GATEWAY, timeout=10)
        assert answer.status_code == 200, answer.text

    name(1)
    wait_for_status(server, id_, "Connection refused")
    name(queue.broker.port)
    wait_for_status(server, id_, "")
    known = requests.get(instances, headers=GATEWAY, timeout=10).json()["instances"]
    assert [each["id"] for each in known] == ["far", "near"]
    assert requests.delete(f"{instances}/near", headers=GATEWAY, timeout=10).status_code == 204
    wait_for_status(server, id_, "no address is known for the instance near")
