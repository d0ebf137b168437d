"""A copied database starts under its own name, with its key file or without."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from command_line import tallystick
from eventhos_endpoint import Endpoint
from server_process import ServerProcess, StartServer

PROJECT = "0123456789abcdef0123456789abcdef"
CHANNEL = "11111111-1111-4111-8111-111111111111"
TOKEN = {"X-Auth-Token": "dev-token"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
PATIENCE_S = 20
OLD_KEY = "an old key of 32 characters or more"
NEW_KEY = "a new key of 32 characters or of more"


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    yield made
    made.stop()


class Client:
    """A tenant of a dev server, with something sealed in three APIs."""

    def __init__(self, server: ServerProcess, endpoint: Endpoint) -> None:
        self._server = server
        self._endpoint = endpoint
        login = {"username": "admin", "password": "dev-admin"}
        self._person = self._call("POST", "/auth/login", {}, login)["content"]["jwt_token"]

    def make_all(self) -> None:
        """Make a subscription, a source with a subscription, and an action with a contract."""
        sink = {"sink": f"{self._endpoint.url}/gateway", "filters": [{"exact": {"type": "bell"}}]}
        self._call("POST", "/gateway/v1/subscriptions", GATEWAY, {"name": "kept", **sink})
        detail = {"user_name": "u", "password": "p", "instance_id": "i", "vhost_name": "v"}
        source: dict[str, Any] = {"name": "shop", "channel_id": CHANNEL, "type": "RABBITMQ"}
        source |= {"detail": {**detail, "queue_name": "q"}}
        self._call("POST", f"/v1/{PROJECT}/sources", TOKEN, source)
        filter_ = {"source": [{"op": "StringIn", "values": ["shop"]}]}
        target: dict[str, Any] = {"detail": {"url": f"{self._endpoint.url}/eventgrid"}}
        target |= {"name": "HTTPS", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
        body: dict[str, Any] = {"name": "kept", "channel_id": CHANNEL, "targets": [target]}
        body |= {"sources": [{"name": "shop", "provider_type": "CUSTOM", "filter": filter_}]}
        self._call("POST", f"/v1/{PROJECT}/subscriptions", TOKEN, body)
        self._tie_action()

    def _tie_action(self) -> None:
        [system] = self.shown("/system", "dev-system")
        named = {"identifier": "kept", "name": "kept", "description": "d"}
        event = {**named, "system_id": system["id"], "operation": "new"}
        action = {**event, "operation": "process", "url": f"{self._endpoint.url}/eventhos"}
        made = self._eventhos("POST", "/event", event)["content"]["eventId"]
        action |= {"method": "POST"}
        done = self._eventhos("POST", "/action", action)["content"]["actionId"]
        contract = {"eventId": made, "actionId": done, "mailRecipientsOnError": ""}
        self._eventhos("POST", "/contract", {**named, **contract, "order": 0, "active": True})

    def publish(self) -> None:
        event = {"id": "1", "source": "shop", "specversion": "1.0", "type": "bell", "data": {}}
        path = f"/v1/{PROJECT}/channels/{CHANNEL}/events"
        assert self._call("POST", path, TOKEN, {"events": [event]})["failed_count"] == 0

    def send(self) -> None:
        client = {"grant_type": "client_credentials", "client_id": "dev-client"}
        granted = self._call("POST", "/auth/token", {}, {**client, "client_secret": "dev-secret"})
        [event] = self.shown("/event", "kept")
        url = f"/event/send?event-identifier={event['identifier']}"
        self._call("POST", url, {"access-key": granted["content"]["jwt_token"]}, {})

    def shown(self, path: str, name: str) -> list[Any]:
        found = self._eventhos("GET", path)["content"]["items"]
        return [each for each in found if each["name"] == name]

    def subscription(self) -> Any:
        found = self._call("GET", "/gateway/v1/subscriptions", GATEWAY)["subscriptions"]
        return next(each for each in found if each["name"] == "kept")

    def eventgrid(self, kind: str, name: str) -> Any:
        [found] = self._call("GET", f"/v1/{PROJECT}/{kind}?name={name}", TOKEN)["items"]
        return found

    def deliveries(self, state: str) -> list[Any]:
        query = f"/gateway/v1/deliveries?state={state}"
        found: list[Any] = self._call("GET", query, GATEWAY)["deliveries"]
        return found

    def replay(self) -> None:
        self._call("POST", "/gateway/v1/deliveries/replay", GATEWAY, {"states": ["pending"]})

    def _eventhos(self, method: str, path: str, body: Any = None) -> Any:
        return self._call(method, path, {"Authorization": f"Bearer {self._person}"}, body)

    def _call(self, method: str, path: str, headers: Any, body: Any = None) -> Any:
        url = f"{self._server.url}{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.ok, (path, answer.text)
        return answer.json()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def key_of(database: Path) -> Path:
    return database.with_name(f"{database.name}.key")


def test_a_copy_without_its_key_file_runs_and_says_what_is_unusable(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    first = start_server()
    Client(first, endpoint).make_all()
    first.stop()
    copy = first.database.with_name("other.db")
    shutil.copy(first.database, copy)

    server = start_server("--database", f"sqlite:///{copy}")
    client = Client(server, endpoint)
    assert f"{copy}.key is missing; tallystick.db.key beside it opens them" in server.stderr
    assert not key_of(copy).exists()
    lack = "A secret can't be opened: other.db.key lacks the key that sealed it."
    assert client.subscription()["turnedOff"] == lack
    assert client.eventgrid("sources", "shop")["error_info"]["error_detail"] == lack
    assert client.eventgrid("subscriptions", "kept")["error_info"]["error_detail"] == lack
    [action] = client.shown("/action", "kept")
    assert (action["unusable"], action["url"]) == (lack, endpoint.url)

    client.publish()
    client.send()
    until(lambda: [d["detail"] for d in client.deliveries("pending")] == [lack] * 3)
    assert endpoint.calls == []
    server.stop()

    shutil.copy(key_of(first.database), key_of(copy))
    server.start()
    client = Client(server, endpoint)
    client.replay()
    until(lambda: {call.path for call in endpoint.calls} == {"/gateway", "/eventgrid", "/eventhos"})
    assert "can't be opened" not in server.stderr
    assert client.subscription()["turnedOff"] is None
    assert "error_info" not in client.eventgrid("subscriptions", "kept")
    assert "unusable" not in client.shown("/action", "kept")[0]


def test_subscriptions_of_an_older_version_deliver_and_can_lose_their_key(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    Client(server, endpoint).make_all()
    server.stop()
    with sqlite3.connect(server.database) as database:
        database.execute("UPDATE eventgrid_subscriptions SET destinations = NULL")
    server.start()
    Client(server, endpoint).publish()
    until(lambda: len(endpoint.of("/eventgrid")) == 1)
    server.stop()
    key_of(server.database).unlink()
    server.start()
    client = Client(server, endpoint)
    client.publish()
    until(lambda: len(client.deliveries("pending")) == 2)


def test_the_key_is_replaced_while_no_server_runs(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    Client(server, endpoint).make_all()
    url = f"sqlite:///{server.database}"
    beside = tallystick("secrets", "rotate", "--database", url)
    assert (beside.returncode, "in use" in beside.stderr) == (2, True)
    server.stop()
    before = key_of(server.database).read_text()
    ran = tallystick("secrets", "rotate", "--database", url)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch("sealed with the new key: [1-9][0-9]*\n", ran.stdout)
    assert key_of(server.database).read_text() != before
    server.start()
    client = Client(server, endpoint)
    client.publish()
    client.send()
    until(lambda: {call.path for call in endpoint.calls} == {"/gateway", "/eventgrid", "/eventhos"})
    assert "can't be opened" not in server.stderr


def test_the_setting_s_key_is_replaced_beside_servers_that_have_both(
    start_server: StartServer, endpoint: Endpoint, postgres_url: str
) -> None:
    key = {"TALLYSTICK_SECRET_KEY": OLD_KEY}
    server = start_server("--database", postgres_url, **key)
    Client(server, endpoint).make_all()
    server.stop()
    both = {"TALLYSTICK_SECRET_KEY": f"{NEW_KEY},{OLD_KEY}"}
    server = start_server("--database", postgres_url, **both)
    ran = tallystick("secrets", "rotate", "--database", postgres_url, **both)
    assert (ran.returncode, ran.stderr) == (0, "")
    Client(server, endpoint).publish()
    until(lambda: {call.path for call in endpoint.calls} == {"/gateway", "/eventgrid"})
    server.stop()
    server = start_server("--database", postgres_url, TALLYSTICK_SECRET_KEY=NEW_KEY)
    Client(server, endpoint).send()
    until(lambda: len(endpoint.of("/eventhos")) == 1)
    assert "can't be opened" not in server.stderr
    unknown = {"TALLYSTICK_SECRET_KEY": "an unknown key of 32 characters or more"}
    alone = tallystick("secrets", "rotate", "--database", postgres_url, **unknown)
    assert (alone.returncode, "as their key is missing" in alone.stderr) == (1, True)


def test_check_tells_of_a_copy_without_its_key_file(
    start_server: StartServer, endpoint: Endpoint
) -> None:
    server = start_server()
    Client(server, endpoint).make_all()
    server.stop()
    copy = server.database.with_name("other.db")
    shutil.copy(server.database, copy)
    before = sorted(os.listdir(copy.parent))
    wrong = tallystick("check", "--database", f"sqlite:///{copy}", TALLYSTICK_PORT="0")
    assert wrong.returncode == 1
    assert f"{copy}.key is missing" in wrong.stdout
    well = tallystick("check", "--database", f"sqlite:///{server.database}", TALLYSTICK_PORT="0")
    assert (well.returncode, "its secrets can be opened" in well.stdout) == (0, True)
    assert sorted(os.listdir(copy.parent)) == before
