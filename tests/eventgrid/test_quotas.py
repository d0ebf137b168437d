"""Names and quotas hold when several processes create resources at one time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from server_process import ServerProcess, StartServer

OTHER_PROJECT = "fedcba9876543210fedcba9876543210"
HEADERS = {"X-Auth-Token": "dev-other-token"}
FILTER = [{"op": "StringIn", "values": ["busy"]}]

Call = Callable[[str, str, dict[str, Any]], str]


@pytest.fixture(params=["sqlite", "postgresql"])
def servers(
    request: pytest.FixtureRequest, start_server: StartServer
) -> Iterator[list[ServerProcess]]:
    """One process over SQLite, or three over PostgreSQL."""
    if request.param == "sqlite":
        yield [start_server()]
    else:
        url = request.getfixturevalue("postgres_url")
        yield [start_server("--database", url) for _ in range(3)]


def make(server: ServerProcess, path: str, body: dict[str, Any]) -> str:
    """Make something, and return its answer's error code, or OK."""
    url = f"{server.url}/v1/{OTHER_PROJECT}/{path}"
    answer = requests.post(url, json=body, headers=HEADERS, timeout=30)
    return str(answer.json().get("error_code", "OK"))


def made_at_once(servers: list[ServerProcess], path: str, bodies: list[Any]) -> Counter[str]:
    """Return what came of creating all these resources, each process its share."""
    with ThreadPoolExecutor(12) as pool:
        return Counter(
            pool.map(
                lambda each: make(servers[each[0] % len(servers)], path, each[1]),
                enumerate(bodies),
            )
        )


def delete(server: ServerProcess, path: str) -> int:
    url = f"{server.url}/v1/{OTHER_PROJECT}/{path}"
    return requests.delete(url, headers=HEADERS, timeout=30).status_code


def listed(server: ServerProcess, path: str) -> list[Any]:
    url = f"{server.url}/v1/{OTHER_PROJECT}/{path}?limit=1000"
    items: list[Any] = requests.get(url, headers=HEADERS, timeout=30).json()["items"]
    return items


def used(server: ServerProcess, kind: str) -> int:
    url = f"{server.url}/v1/{OTHER_PROJECT}/quotas?type={kind}"
    answer = requests.get(url, headers=HEADERS, timeout=30).json()
    [resource] = answer["quotas"]["resources"]
    return int(resource["used"])


def test_a_name_is_given_once_however_many_ask_for_it(servers: list[ServerProcess]) -> None:
    outcomes = made_at_once(servers, "channels", [{"name": "wanted"}] * 24)
    assert outcomes == {"OK": 1, "EG.00513001": 23}
    assert used(servers[0], "CHANNEL") == 1


def test_a_quota_is_used_up_and_not_more(servers: list[ServerProcess]) -> None:
    bodies = [{"name": f"channel-{n}"} for n in range(24)]
    assert made_at_once(servers, "channels", bodies) == {"OK": 10, "EG.00514003": 14}
    assert used(servers[-1], "CHANNEL") == 10

    [channel] = [c for c in listed(servers[0], "channels") if c["provider_type"] == "CUSTOM"][:1]
    assert delete(servers[-1], f"channels/{channel['id']}") == 204
    assert made_at_once(servers, "channels", bodies[:1] * 12)["OK"] <= 1
    assert used(servers[0], "CHANNEL") == len(listed(servers[0], "channels")) - 1


def test_a_thing_is_deleted_once_however_many_delete_it(servers: list[ServerProcess]) -> None:
    make(servers[0], "channels", {"name": "gone"})
    [channel] = [c for c in listed(servers[0], "channels") if c["name"] == "gone"]
    with ThreadPoolExecutor(12) as pool:
        chosen = [servers[n % len(servers)] for n in range(12)]
        found = list(pool.map(lambda server: delete(server, f"channels/{channel['id']}"), chosen))
    assert Counter(found) == {204: 1, 404: 11}
    assert used(servers[0], "CHANNEL") == 0


def test_a_channel_that_is_deleted_while_sources_are_made_has_none(
    servers: list[ServerProcess],
) -> None:
    make(servers[0], "channels", {"name": "contested"})
    [channel] = [c for c in listed(servers[0], "channels") if c["name"] == "contested"]
    bodies = [{"name": f"source-{n}", "channel_id": channel["id"]} for n in range(12)]
    with ThreadPoolExecutor(1) as pool:
        deletion = pool.submit(delete, servers[-1], f"channels/{channel['id']}")
        made = made_at_once(servers, "sources", bodies)
    is_gone = deletion.result() == 204
    assert set(made) <= {"OK", "EG.00513005"}
    assert made["OK"] == 0 if is_gone else made["OK"] == 12
    assert used(servers[0], "SOURCE") == made["OK"] == len(listed(servers[0], "sources"))


def test_a_trace_is_deleted_with_its_event(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RETENTION_COUNT="1")
    make(server, "channels", {"name": "traced"})
    [channel] = [c for c in listed(server, "channels") if c["name"] == "traced"]
    make(server, "sources", {"name": "traced", "channel_id": channel["id"]})
    event = {"id": "1", "source": "traced", "specversion": "1.0", "type": "t"}
    path = f"channels/{channel['id']}/events"
    assert make(server, path, {"events": [event] * 3}) == "OK"
    server.restart()  # it cleans up when it starts, and once a minute
    deadline = time.monotonic() + 10
    while traced(server, channel["id"]) != 1:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def traced(server: ServerProcess, channel_id: str) -> int:
    url = f"{server.url}/v1/{OTHER_PROJECT}/traced-events?channel_id={channel_id}"
    url += "&start_time=0&end_time=9007199254740991"
    return int(requests.get(url, headers=HEADERS, timeout=30).json()["total"])


def test_no_target_is_lost_however_many_are_added_at_once(servers: list[ServerProcess]) -> None:
    make(servers[0], "channels", {"name": "busy"})
    [channel] = [c for c in listed(servers[0], "channels") if c["name"] == "busy"]
    source = {"name": "busy", "provider_type": "CUSTOM", "filter": {"source": FILTER}}
    target = {"name": "HTTP", "provider_type": "CUSTOM", "transform": {"type": "ORIGINAL"}}
    target["detail"] = {"url": "http://127.0.0.1:9/"}
    body = {"name": "busy", "channel_id": channel["id"], "sources": [source], "targets": [target]}
    assert make(servers[0], "subscriptions", body) == "OK"
    [made] = listed(servers[0], "subscriptions")
    outcomes = made_at_once(servers, f"subscriptions/{made['id']}/targets", [target] * 12)
    assert outcomes == {"OK": 4, "EG.00514003": 8}
    [changed] = listed(servers[0], "subscriptions")
    assert len(changed["targets"]) == 5
