"""Events of any API are delivered as CloudEvents, by a real server to a real endpoint."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest
import requests
from standardwebhooks import Webhook

from manual_clock import ManualClock
from server_process import ServerProcess, StartServer
from stored import Stored
from tallystick.apis.gateway.subscriptions import GatewaySubscriptions
from tallystick.apis.keys import ApiKeys
from tallystick.apis.service_context import ServiceContext
from tallystick.delivery import Addresses, Outbox, Sender
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor
from tallystick.events import EventLog
from tallystick.settings import Settings
from tallystick.store import Database

KEY = {"Authorization": "Bearer dev-gateway-key"}
KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
JSON = "application/json"
PATIENCE_S = 10


class Received(NamedTuple):
    headers: dict[str, str]
    body: bytes


class Hook:
    """An HTTP server on a thread that keeps what it receives."""

    def __init__(self, port: int = 0) -> None:
        self.received: list[Received] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                received.append(Received({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait_for(self, count: int) -> list[Received]:
        until(lambda: len(self.received) >= count)
        return self.received

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.close()


@pytest.fixture
def kind() -> str:
    """An event type that no other test has."""
    return f"T{uuid.uuid4().hex[:12]}"


def call(server: ServerProcess, method: str, path: str, body: Any = None) -> requests.Response:
    url = f"{server.url}/gateway/v1{path}"
    return requests.request(method, url, json=body, headers=KEY, timeout=10)


def subscribe(server: ServerProcess, hook: Hook, **fields: Any) -> dict[str, Any]:
    answer = call(server, "POST", "/subscriptions", {"sink": hook.url, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def create(server: ServerProcess, kind: str) -> None:
    body = {"cl": "EDF", "ty": kind, "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
    body |= {"st": "OK", "me": "Operation successful"}
    headers = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    answer = requests.post(f"{server.url}/create", json=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text


def deliveries(server: ServerProcess, **query: Any) -> list[dict[str, Any]]:
    url = f"{server.url}/gateway/v1/deliveries"
    answer = requests.get(url, query, headers=KEY, timeout=10)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["deliveries"]
    return found


def test_what_a_filter_matches_arrives_structured_and_signed(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    made = subscribe(server, hook, filters=[{"exact": {"type": kind}}])
    create(server, "ANOTHER")
    create(server, kind)
    ((headers, body),) = hook.wait_for(1)
    event = json.loads(body)
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert (event["type"], event["source"]) == (kind, "/event_store/EDF")
    assert event["data"]["me"] == "Operation successful"
    Webhook(made["secret"]).verify(body, headers)
    assert headers["webhook-id"] == f"{event['id']}_gateway_{made['id']}"


def test_in_binary_mode_the_body_is_the_data_and_attributes_are_headers(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    filters = [{"exact": {"type": kind}}]
    subscribe(server, hook, mode="binary", signed=False, filters=filters)
    create(server, kind)
    ((headers, body),) = hook.wait_for(1)
    assert json.loads(body)["ty"] == kind
    assert headers["content-type"] == "application/json"
    assert headers["ce-specversion"] == "1.0"
    assert headers["ce-type"] == kind
    assert "webhook-signature" not in headers


def test_an_event_that_is_stored_with_other_things_is_delivered_too(
    server: ServerProcess, hook: Hook
) -> None:
    """What keyastrom ingests is one transaction with what it did to entities."""
    title = uuid.uuid4().hex
    subscribe(server, hook, filters=[{"prefix": {"source": "/keyastrom/"}}])
    body = {"eventType": "CUSTOM_INFO", "title": title, "entitySelector": "type(SERVICE)"}
    url = f"{server.url}/api/v2/events/ingest"
    assert requests.post(url, json=body, headers=KEYASTROM, timeout=10).status_code == 201
    until(lambda: any(title.encode() in received.body for received in hook.received))


def test_a_secret_that_was_replaced_signs_beside_the_new_one(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    made = subscribe(server, hook, filters=[{"exact": {"type": kind}}])
    new = call(server, "POST", f"/subscriptions/{made['id']}/secrets").json()["secret"]
    create(server, kind)
    ((headers, body),) = hook.wait_for(1)
    for secret in (made["secret"], new):
        Webhook(secret).verify(body, headers)


def test_a_secret_is_shown_once_and_kept_sealed(start_server: StartServer, hook: Hook) -> None:
    server = start_server()
    made = subscribe(server, hook)
    assert "secret" not in call(server, "GET", f"/subscriptions/{made['id']}").json()
    assert made["secret"] not in call(server, "GET", "/subscriptions").text
    server.stop()
    assert made["secret"].encode() not in server.database.read_bytes()


def test_a_changed_subscription_delivers_what_it_now_asks_for(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    made = subscribe(server, hook, filters=[{"exact": {"type": "NONE"}}])
    path = f"/subscriptions/{made['id']}"
    changed = {"sink": hook.url, "filters": [{"suffix": {"type": kind[3:]}}]}
    assert call(server, "PUT", path, changed).status_code == 200
    create(server, kind)
    assert len(hook.wait_for(1)) == 1


def test_a_deleted_or_inactive_subscription_delivers_nothing(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    made = subscribe(server, hook, filters=[{"exact": {"type": kind}}])
    subscribe(server, hook, filters=[{"exact": {"type": kind}}], active=False)
    assert call(server, "DELETE", f"/subscriptions/{made['id']}").status_code == 204
    assert call(server, "GET", f"/subscriptions/{made['id']}").status_code == 404
    create(server, kind)
    assert not deliveries(server, target=made["id"])


def test_an_endpoint_that_was_away_gets_what_it_missed(server: ServerProcess, kind: str) -> None:
    hook = Hook()
    hook.close()
    made = subscribe(server, hook, filters=[{"exact": {"type": kind}}])
    create(server, kind)
    until(lambda: [d["detail"] for d in deliveries(server, target=made["id"])] not in ([], [""]))
    (missed,) = deliveries(server, target=made["id"])
    assert (missed["state"], missed["endpoint"]) == ("pending", f"http://127.0.0.1:{hook.port}")
    back = Hook(hook.port)
    assert len(back.wait_for(1)) == 1  # five seconds later
    until(lambda: deliveries(server, target=made["id"])[0]["state"] == "done")
    tried = call(server, "GET", f"/deliveries/{missed['id']}").json()["attemptList"]
    assert [attempt["outcome"] for attempt in tried] == ["unreachable", "delivered"]
    back.close()


def test_a_delivery_is_made_again_when_asked_for(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    made = subscribe(server, hook, filters=[{"exact": {"type": kind}}])
    create(server, kind)
    hook.wait_for(1)
    until(lambda: deliveries(server, target=made["id"])[0]["state"] == "done")
    (done,) = deliveries(server, target=made["id"])
    assert call(server, "POST", "/deliveries/replay", {"ids": [done["id"]]}).json() == {
        "replayed": 1
    }
    first, second = hook.wait_for(2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]


@pytest.mark.parametrize(
    "fields",
    [
        {"sink": "ftp://example.org/"},
        {"sink": "http://10.0.0.1/"},
        {"sink": "http://user:password@example.org/"},
        {"filters": [{}]},
        {"filters": [{"exact": {}}]},
        {"filters": [{"exact": {"type": "x" * 66_000}}]},
        {"filters": [{"sql": "type = 'x'"}]},
        {"filters": [{"all": [{"exact": {"type": 1}}]}]},
        {"filters": [{"not": {"any": []}}]},
        {"filters": [{"not": {"exact": {"type": "a"}, "prefix": {"type": "b"}}}]},
        {"mode": "batched"},
        {"unknown": True},
    ],
)
def test_a_subscription_that_can_t_work_is_refused(
    server: ServerProcess, hook: Hook, fields: dict[str, Any]
) -> None:
    answer = call(server, "POST", "/subscriptions", {"sink": hook.url, **fields})
    assert answer.status_code == 400, answer.text
    assert answer.json()["violations"][0]["where"] == "body"


def test_a_template_may_have_a_number_of_any_size(
    server: ServerProcess, hook: Hook, kind: str
) -> None:
    body = '{"filters":[{"exact":{"type":"%s"}}],"destination":{"kind":"webhook","url":"%s",'
    body = f'{body % (kind, hook.url)}"body":{{"n":1{"0" * 400}}}}}}}'
    url, headers = f"{server.url}/gateway/v1/subscriptions", {**KEY, "Content-Type": JSON}
    answer = requests.post(url, body, headers=headers, timeout=10)
    assert answer.status_code == 201, answer.text
    create(server, kind)
    # A longer number is read as the largest one that is read.
    assert json.loads(hook.wait_for(1)[0].body) == {"n": 1e30}
    call(server, "DELETE", f"/subscriptions/{answer.json()['id']}")


@pytest.mark.parametrize("name", ["ids", "event", "target", "endpoint"])
def test_half_a_surrogate_pair_selects_no_delivery(server: ServerProcess, name: str) -> None:
    half = ["\ud800"] if name == "ids" else "\ud800"
    answer = call(server, "POST", "/deliveries/replay", {name: half, "dry_run": True})
    assert answer.status_code == 400, answer.text
    assert "half a surrogate pair" in answer.json()["detail"]


def test_what_is_sent_at_once_after_subscribing_is_held_by_no_process(
    start_server: StartServer, postgres_url: str, hook: Hook, kind: str
) -> None:
    first, _ = (start_server("--database", postgres_url) for _ in range(2))
    for _ in range(5):  # each time the other process knows nothing of it yet
        made = subscribe(first, hook, filters=[{"exact": {"type": kind}}])
        for _ in range(6):
            create(first, kind)
        until(lambda target=made["id"]: _states(first, target) <= {"done", "held", "dead"})  # type: ignore[misc]  # mypy takes no defaults here
        assert _states(first, made["id"]) == {"done"}
        assert call(first, "DELETE", f"/subscriptions/{made['id']}").status_code == 204


def _states(server: ServerProcess, target: str) -> set[str]:
    found = deliveries(server, target=target)
    assert len(found) == 6
    return {delivery["state"] for delivery in found}


def test_an_older_state_that_was_read_meanwhile_does_not_replace_a_newer_one() -> None:
    with Stored.opened() as stored:
        clock, database, sender = ManualClock(), stored.database, Sender(Addresses(LOOPBACK))
        keys, outbox = ApiKeys(database, clock), Outbox(database, clock, sender)
        log = EventLog(database, clock, 100)
        context = ServiceContext(Settings(), clock, database, log, keys, outbox, Encryptor(["k"]))
        known = GatewaySubscriptions(context)
        made = stored.run(_made_while_another_reads(known, database))
        assert stored.run(known.get_subscription(made))["id"] == made
        stored.run(sender.close())


async def _made_while_another_reads(known: GatewaySubscriptions, database: Database) -> str:
    """Make a subscription while a slow reader has seen the state before it."""
    read, has_read, may_go_on = database.read, asyncio.Event(), asyncio.Event()

    async def slow_read(function: Any) -> Any:
        database.read = read  # type: ignore[method-assign]  # the next one is as quick as ever
        found = await read(function)
        has_read.set()
        await may_go_on.wait()
        return found

    database.read = slow_read  # type: ignore[method-assign]  # for the first reader
    reader = asyncio.create_task(known._load())
    await has_read.wait()
    sink = {"name": "n", "sink": "http://127.0.0.1:9/"}
    maker = asyncio.create_task(known.create_subscription(sink))
    await asyncio.wait([maker], timeout=0.5)  # what is written waits for nobody
    may_go_on.set()
    await reader
    return str((await maker)["id"])
