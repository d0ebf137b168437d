"""Subscriptions to other destinations than a sink, by a real server to real places on loopback."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from kafka_broker import PASSWORD, USER, KafkaBroker
from mail_server import mail_server
from server_process import ServerProcess, StartServer

KEY = {"Authorization": "Bearer dev-gateway-key"}
READER = {"Authorization": "Bearer dev-gateway-read-key"}
PATIENCE_S = 20
TOKEN = "tk" + uuid.uuid4().hex
URL = "http://a.example/"
WEBHOOK = {"kind": "webhook", "url": URL}
NOTIFY = {"kind": "notify", "url": "json://a.example"}
KAFKA = {"kind": "kafka", "servers": ["a.example:9093"], "topic": "t"}


class ChatServer:
    """A stand-in of Slack's incoming webhooks that also takes what `json://` and `ntfy://` post.

    Its rules are those of https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
    """

    def __init__(self) -> None:
        self.received: list[Any] = []
        received = self.received

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = _slack_answer(self.headers["Content-Type"], body)
                if status == 200:
                    received.append(json.loads(body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _slack_answer(content_type: str, body: bytes) -> tuple[int, str]:
    if not content_type.startswith("application/json"):
        return 400, "invalid_payload"
    try:
        content = json.loads(body)
    except ValueError:
        return 400, "invalid_payload"
    if not isinstance(content, dict) or "specversion" in content:
        return 400, "invalid_payload"
    if not any(content.get(name) for name in ("text", "blocks", "attachments", "message")):
        return 400, "no_text"
    return 200, "ok"


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    made = ChatServer()
    yield made
    made.close()


@pytest.fixture
def kind() -> str:
    """An event type that no other test has."""
    return f"T{uuid.uuid4().hex[:12]}"


def call(
    server: ServerProcess, method: str, path: str, body: Any = None, key: Any = None
) -> requests.Response:
    url = f"{server.url}/gateway/v1{path}"
    return requests.request(method, url, json=body, headers=key or KEY, timeout=40)


def subscribe(server: ServerProcess, kind: str, destination: Any) -> dict[str, Any]:
    body = {"filters": [{"exact": {"type": kind}}], "destination": destination}
    answer = call(server, "POST", "/subscriptions", body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def send_test(server: ServerProcess, id_: str) -> dict[str, Any]:
    answer = call(server, "POST", f"/subscriptions/{id_}/test")
    assert answer.status_code == 200, answer.text
    attempt: dict[str, Any] = answer.json()
    return attempt


def create_event(server: ServerProcess, kind: str) -> None:
    body = {"cl": "EDF", "ty": kind, "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
    body |= {"st": "OK", "me": "Operation successful"}
    headers = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
    answer = requests.post(f"{server.url}/create", json=body, headers=headers, timeout=10)
    assert answer.status_code == 200, answer.text


def wait_for(found: list[Any], count: int = 1) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count:
        assert time.monotonic() < deadline, "it did not arrive"
        time.sleep(0.02)


def test_slack_takes_a_body_made_by_a_template(
    server: ServerProcess, chat: ChatServer, kind: str
) -> None:
    url = f"http://127.0.0.1:{chat.port}/services/T/B/X"
    body = {"text": "{{ type }}: {{ data.me }}", "blocks": [{"n": "{{ data }}"}]}
    made = subscribe(server, kind, {"kind": "webhook", "url": url, "body": body})
    assert made["destination"] == {"kind": "webhook", "url": url, "body": body}
    create_event(server, kind)
    wait_for(chat.received)
    [message] = chat.received
    assert message["text"] == f"{kind}: Operation successful"
    assert message["blocks"][0]["n"]["ty"] == kind


def test_slack_refuses_a_cloudevent_and_the_test_says_so(
    server: ServerProcess, chat: ChatServer, kind: str
) -> None:
    url = f"http://127.0.0.1:{chat.port}/services/T/B/X"
    made = subscribe(server, kind, {"kind": "webhook", "url": url})
    attempt = send_test(server, made["id"])
    assert (attempt["outcome"], attempt["status"]) == ("rejected", 400)
    assert attempt["record"]["response"]["body"] == "invalid_payload"


def test_a_message_arrives_by_apprise(server: ServerProcess, chat: ChatServer, kind: str) -> None:
    url = f"json://127.0.0.1:{chat.port}/{TOKEN}"
    subscribe(server, kind, {"kind": "notify", "url": url})
    create_event(server, kind)
    wait_for(chat.received)
    assert chat.received[0]["title"] == f"{kind}: 525060831330"
    assert "Operation successful" in chat.received[0]["message"]


def test_a_test_is_sent_at_once_and_leaves_nothing_behind(
    server: ServerProcess, chat: ChatServer, kind: str
) -> None:
    url = f"json://127.0.0.1:{chat.port}/{TOKEN}"
    made = subscribe(server, kind, {"kind": "notify", "url": url, "title": "{{ type }}"})
    attempt = send_test(server, made["id"])
    assert (attempt["outcome"], attempt["status"], attempt["number"]) == ("delivered", 200, 1)
    assert chat.received[0]["title"] == "tallystick.test"
    listed = call(server, "GET", f"/deliveries?target={made['id']}").json()
    assert listed["deliveries"] == []
    assert call(server, "GET", "/events?api=tallystick").json()["events"] == []


def test_a_test_needs_the_right_to_write_and_a_subscription(server: ServerProcess) -> None:
    path = "/subscriptions/22222222-2222-4222-8222-222222222222/test"
    assert call(server, "POST", path, key=READER).status_code == 403
    assert call(server, "POST", "/subscriptions/nobody/test").status_code == 404
    assert call(server, "POST", path).json()["outcome"] == "delivered"  # the dev world's own


def test_a_message_has_no_secret_to_replace(server: ServerProcess, kind: str) -> None:
    made = subscribe(server, kind, NOTIFY)
    answer = call(server, "POST", f"/subscriptions/{made['id']}/secrets")
    assert (answer.status_code, "no signature" in answer.text) == (400, True)
    shown = call(server, "GET", f"/subscriptions/{made['id']}").json()
    assert shown["signed"] is False


def test_the_url_of_a_service_is_sealed_and_masked_everywhere(
    start_server: StartServer, kind: str
) -> None:
    server = start_server()
    made = subscribe(server, kind, {"kind": "notify", "url": f"json://127.0.0.1:9/{TOKEN}"})
    id_ = made["id"]
    assert made["sink"] == "json://***"
    assert made["destination"] == {"kind": "notify", "url": "***"}
    assert (made["signed"], made["secret"]) == (False, None)
    create_event(server, kind)
    deadline = time.monotonic() + PATIENCE_S
    while not (found := call(server, "GET", f"/deliveries?target={id_}").json()["deliveries"]):
        assert time.monotonic() < deadline
    while not (tried := call(server, "GET", f"/deliveries/{found[0]['id']}").json())["attemptList"]:
        assert time.monotonic() < deadline
    assert tried["endpoint"] == f"json:{id_}"
    told = [call(server, "GET", path).text for path in (f"/subscriptions/{id_}", "/subscriptions")]
    told += [json.dumps(send_test(server, id_)), json.dumps(tried)]
    again = {"destination": made["destination"]}
    told.append(call(server, "PUT", f"/subscriptions/{id_}", again).text)
    server.stop()
    told += [server.stderr, server.stdout]
    assert TOKEN not in "".join(told)
    for file in server.database.parent.iterdir():
        assert TOKEN.encode() not in file.read_bytes()
    server.start()
    assert send_test(server, id_)["outcome"] == "unreachable"  # the URL is read again


def test_an_address_that_is_sent_back_masked_is_kept(
    server: ServerProcess, chat: ChatServer, kind: str
) -> None:
    made = subscribe(server, kind, {"kind": "notify", "url": f"json://127.0.0.1:{chat.port}/a"})

    again = {"destination": {**made["destination"], "title": "Look: {{ type }}"}}
    again["filters"] = made["filters"]  # without them, it would have all events of this server
    answer = call(server, "PUT", f"/subscriptions/{made['id']}", again)

    assert answer.status_code == 200
    assert send_test(server, made["id"])["outcome"] == "delivered"
    assert chat.received[0]["title"] == "Look: tallystick.test"


def test_a_mail_arrives(start_server: StartServer, kind: str) -> None:
    with mail_server() as mails:
        settings = {"TALLYSTICK_SMTP_HOST": "127.0.0.1", "TALLYSTICK_SMTP_TLS": "none"}
        settings |= {"TALLYSTICK_SMTP_PORT": str(mails.port), "TALLYSTICK_SMTP_FROM": "t@a.example"}
        server = start_server(**settings)
        destination = {"kind": "mail", "to": ["ops@example.com"], "title": "Look: {{ type }}"}
        made = subscribe(server, kind, destination)
        assert (made["sink"], made["destination"]) == ("mailto:ops@example.com", destination)
        create_event(server, kind)
        wait_for(mails.mails)
    assert mails.mails[0].message["Subject"] == f"Look: {kind}"
    assert "Operation successful" in mails.mails[0].text


def test_an_event_arrives_in_a_topic_and_the_password_is_told_to_nobody(
    start_server: StartServer, kafka: KafkaBroker, kind: str
) -> None:
    server, topic = start_server(), asyncio.run(kafka.create_topic())
    at = f"127.0.0.1:{kafka.ports['sasl']}"
    place = {"servers": [at], "topic": topic, "tls": False}
    secret = {"user": USER, "password": PASSWORD}
    made = subscribe(server, kind, {"kind": "kafka", **place, **secret})
    assert made["sink"] == f"kafka://{at}/{topic}"
    assert made["destination"] == {"kind": "kafka", **place, "user": USER, "password": "***"}
    create_event(server, kind)
    deadline, records = time.monotonic() + PATIENCE_S, asyncio.run(kafka.read(topic))
    while not records:
        assert time.monotonic() < deadline, "it did not arrive"
        records = asyncio.run(kafka.read(topic))
    assert json.loads(records[0].value)["type"] == kind
    again = call(
        server, "PUT", f"/subscriptions/{made['id']}", {"destination": made["destination"]}
    )
    told = [again.text, json.dumps(send_test(server, made["id"]))]
    assert '"delivered"' in told[1]
    server.stop()
    told += [server.stderr, server.stdout]
    assert PASSWORD not in "".join(told)
    for file in server.database.parent.iterdir():
        assert PASSWORD.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, ""),
        ({"sink": URL, "destination": {"kind": "webhook", "url": URL}}, ""),
        ({"destination": {}}, "destination.kind"),
        ({"destination": None}, "destination"),
        ({"destination": {"kind": "pigeon"}}, "destination"),
        ({"destination": {"kind": "webhook"}}, "destination.url"),
        ({"destination": {"kind": "webhook", "url": "http://10.0.0.1/"}}, "destination.url"),
        ({"destination": WEBHOOK | {"body": {"a": "{{ b"}}}, "destination.body"),
        ({"destination": WEBHOOK | {"body": {"\ud800": "a"}}}, "destination"),
        ({"destination": WEBHOOK | {"body": "text"}}, "destination.body"),
        ({"destination": {"kind": "notify", "url": "nosuch://a"}}, "destination.url"),
        ({"destination": {"kind": "notify", "url": "json://a\0b"}}, "destination"),
        ({"destination": NOTIFY | {"text": "{{ }}"}}, "destination.text"),
        ({"destination": NOTIFY | {"title": "\ud800"}}, "destination"),
        ({"sink": URL, "name": "\ud800"}, "name"),
        ({"sink": f"{URL}\ud800"}, "sink"),
        ({"sink": URL, "filters": [{"exact": {"type": "\ud800"}}]}, "filters"),
        ({"destination": {"kind": "mail", "to": ["a@example.com"]}}, "destination.kind"),
        ({"destination": {"kind": "mail", "to": []}}, "destination.to"),
        ({"destination": {"kind": "mail", "to": ["a@b\r\nBcc: c@d"]}}, "destination.to.0"),
        ({"destination": KAFKA | {"servers": []}}, "destination.servers"),
        ({"destination": KAFKA | {"servers": ["a.example"]}}, "destination.servers.0"),
        ({"destination": KAFKA | {"servers": ["10.0.0.1:9092"]}}, "destination.servers"),
        ({"destination": KAFKA | {"servers": ["u:p@a.example:9"]}}, "destination.servers.0"),
        ({"destination": KAFKA | {"topic": "a/b"}}, "destination.topic"),
        ({"destination": KAFKA | {"topic": ".."}}, "destination.topic"),
        ({"destination": KAFKA | {"key": "type"}}, "destination.key"),
        ({"destination": KAFKA | {"user": "a"}}, "destination.user"),
        ({"destination": KAFKA | {"user": "a", "password": "\ud800"}}, "destination"),
    ],
)
def test_a_destination_that_can_t_work_is_refused(
    server: ServerProcess, body: dict[str, Any], name: str
) -> None:
    answer = requests.post(
        f"{server.url}/gateway/v1/subscriptions",
        json.dumps(body),
        headers=KEY | {"Content-Type": "application/json"},
        timeout=20,
    )
    assert answer.status_code == 400, answer.text
    assert answer.json()["violations"][0]["name"] == name, answer.text
