"""Several servers over one PostgreSQL."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import requests

from eventhos_endpoint import Endpoint
from postgres import Cluster
from server_process import ServerProcess, StartServer

EVENT = "new-bomb-k736k3hiW7"
ACTION = "/action/1000001"
LONG_EVENT = "long-bomb-0000000000"
LONG_CLIENT = "/auth/client/dev-long"
SENT = 40
AT_ONCE = 4
# A lease lasts 15 s, and every 5 s another server looks for those that have run out.
TAKEN_OVER_WITHIN_S = 40.0
NOTICED_WITHIN_S = 1.0


@pytest.fixture
def servers(start_server: StartServer, postgres_url: str) -> list[ServerProcess]:
    """Two, each of which makes a few calls at a time."""
    limits = {"TALLYSTICK_DELIVERY_PER_ENDPOINT": str(AT_ONCE)}
    return [start_server("--database", postgres_url, **limits) for _ in range(2)]


def post(server: ServerProcess, path: str, **members: Any) -> Any:
    answer = requests.post(server.url + path, json=members, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["content"]


def put(server: ServerProcess, path: str, **members: Any) -> Any:
    person = post(server, "/auth/login", username="admin", password="dev-admin")
    key = {"Authorization": f"Bearer {person['access_token']}"}
    answer = requests.put(server.url + path, json=members, headers=key, timeout=10)
    assert answer.status_code == 201, answer.text
    return answer.json()["content"]


def send(server: ServerProcess, token: str, event: str, body: Any = None) -> int:
    query = {"event-identifier": event}
    url, key = f"{server.url}/event/send", {"access-key": token}
    data = json.dumps(body)
    answer = requests.post(url, params=query, data=data, headers=key, timeout=10)
    code: int = answer.json()["code"]
    return code


def short_live(server: ServerProcess) -> str:
    client = {"client_id": "dev-client", "client_secret": "dev-secret"}
    granted = post(server, "/auth/token", grant_type="client_credentials", **client)
    token: str = granted["access_token"]
    return token


def until(condition: Callable[[], bool], within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def test_servers_share_the_deliveries_and_the_killed_ones_are_taken_over(
    servers: list[ServerProcess], endpoint: Endpoint, postgres: Cluster, postgres_url: str
) -> None:
    def found(statement: str) -> list[Any]:
        return [row[0] for row in postgres.execute(statement, postgres_url.rpartition("/")[2])]

    def under_way() -> Counter[int]:
        owners = found("SELECT owner FROM deliveries WHERE state = 'leased'")
        return Counter(int(owner.split(":")[1]) for owner in owners)

    def count(of: str) -> int:
        [number] = found(f"SELECT count(*) FROM {of}")
        return int(number)

    first, second = servers
    put(first, ACTION, url=endpoint.url)
    time.sleep(NOTICED_WITHIN_S)  # by now the other one knows too
    token = short_live(first)
    endpoint.is_answering.clear()
    for number in range(SENT):
        # One server accepts them all, and the other takes its share of the work.
        assert send(first, token, EVENT, number) == 200000
    both = {first.pid: AT_ONCE, second.pid: AT_ONCE}
    until(lambda: under_way() == both, 5)
    until(lambda: len(endpoint.calls) == 2 * AT_ONCE, 5)
    first.kill()
    endpoint.is_answering.set()
    until(lambda: count("deliveries WHERE state = 'done'") == SENT, TAKEN_OVER_WITHIN_S)
    arrived = Counter(json.loads(call.body)["received"] for call in endpoint.calls)
    assert set(arrived) == set(range(SENT))
    # What the killed one had under way arrived twice, and nothing else did.
    assert arrived.total() - SENT == count("attempts WHERE outcome = 'lost'") == AT_ONCE


def test_a_long_live_token_is_replaced_and_revoked_on_every_server_within_a_second(
    servers: list[ServerProcess],
) -> None:
    first, second = servers
    old = put(first, f"{LONG_CLIENT}/long-live")["access_token"]
    until(lambda: send(second, old, LONG_EVENT) == 200310, NOTICED_WITHIN_S)
    new = put(first, f"{LONG_CLIENT}/long-live")["access_token"]
    assert send(first, old, LONG_EVENT) == 401202
    until(lambda: send(second, old, LONG_EVENT) == 401202, NOTICED_WITHIN_S)
    assert send(second, new, LONG_EVENT) == 200310
    put(first, f"{LONG_CLIENT}/revoke", revoke=True)
    assert send(first, new, LONG_EVENT) == 400004
    until(lambda: send(second, new, LONG_EVENT) == 400004, NOTICED_WITHIN_S)
