"""Several servers over one PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import requests

from server_process import ServerProcess, StartServer

TOKEN = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
SERVERS = 3
REPEATS = 100
PROBLEM = {
    "eventType": "ERROR_EVENT",
    "title": "Down a hundred times",
    "entitySelector": "type(HOST)",
}


def ingest(server: ServerProcess) -> requests.Response:
    url = f"{server.url}/api/v2/events/ingest"
    return requests.post(url, json=PROBLEM, headers=TOKEN, timeout=30)


def events(server: ServerProcess, **query: str) -> dict[str, object]:
    answer = requests.get(f"{server.url}/api/v2/events", query, headers=TOKEN, timeout=10)
    assert answer.status_code == 200
    page: dict[str, object] = answer.json()
    return page


def test_the_same_payload_a_hundred_times_at_once_is_one_open_event_on_each_entity(
    start_server: StartServer, postgres_url: str
) -> None:
    servers = [start_server("--database", postgres_url) for _ in range(SERVERS)]
    with ThreadPoolExecutor(30) as pool:
        answers = list(pool.map(lambda n: ingest(servers[n % SERVERS]), range(REPEATS)))
    assert {answer.status_code for answer in answers} == {201}
    [said] = {answer.text for answer in answers}
    page = events(servers[0], eventSelector="status(OPEN),eventType(ERROR_EVENT)")
    assert page["totalCount"] == 2
    assert all(event["correlationId"] in said for event in page["events"])  # type: ignore[attr-defined]


def test_a_key_of_one_server_is_a_key_of_all(start_server: StartServer, postgres_url: str) -> None:
    servers = [start_server("--database", postgres_url) for _ in range(2)]
    ingest(servers[0])
    first = events(servers[0], pageSize="1")
    second = events(servers[1], nextPageKey=str(first["nextPageKey"]))
    assert second["totalCount"] == 2
    assert "nextPageKey" not in second
