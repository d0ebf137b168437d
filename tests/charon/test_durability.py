"""A server that is killed in the middle of executions loses nothing that it acknowledged."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import requests

from server_process import StartServer

KEY = {"X-API-KEY": "dev-charon-key"}
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
WRITERS = 4


def call(url: str, body: Any = None) -> Any:
    method = "GET" if body is None else "POST"
    reply = requests.request(method, url, headers=KEY, json=body, timeout=10)
    assert reply.status_code == 200, reply.text
    return reply.json()


def test_a_killed_server_keeps_every_acknowledged_message(start_server: StartServer) -> None:
    server = start_server()
    execution = call(f"{server.url}/api/1/start")["id"]
    stopped = Event()

    def say(writer: int) -> list[tuple[int, str]]:
        acknowledged: list[tuple[int, str]] = []
        while not stopped.is_set():
            text = f"{writer}.{len(acknowledged)}"
            url = f"{server.url}/api/{execution}/message"
            try:
                answer = call(url, {"message": text, "type": "info"})
            except requests.RequestException:  # the server is gone
                break
            acknowledged.append((answer["id"], text))
        return acknowledged

    with ThreadPoolExecutor(WRITERS) as threads:
        saying = [threads.submit(say, writer) for writer in range(WRITERS)]
        time.sleep(0.7)
        server.kill()
        stopped.set()
        said = [one for each in saying for one in each.result()]
    server.start()

    page = requests.get(
        f"{server.url}/gateway/v1/crons/nightly-report/executions?messages=1000",
        headers=GATEWAY,
        timeout=10,
    ).json()
    [shown] = page["executions"]
    kept = {(message["id"], message["message"]) for message in shown["messages"]}
    # What the page does not show is older: the newest are those that could be lost.
    assert len(said) > WRITERS
    assert {one for one in said if one[0] >= min(kept)[0]} <= kept
    assert 0 <= shown["messageCount"] - len(said) <= WRITERS
    assert events(server.url, "charon.execution.message") == shown["messageCount"]
    assert call(f"{server.url}/api/{execution}/end", {"type": "success", "success": True})
    states = requests.get(
        f"{server.url}/gateway/v1/crons/nightly-report", headers=GATEWAY, timeout=10
    )
    assert states.json()["state"] == "on_time"
    assert events(server.url, "charon.execution.ended") == 1


def events(url: str, type_: str) -> int:
    """How many events of a type the log has."""
    count, cursor = 0, ""
    while True:
        page = requests.get(
            f"{url}/gateway/v1/events?type={type_}&limit=1000{cursor}", headers=GATEWAY, timeout=10
        ).json()
        count += len(page["events"])
        if page["next"] is None:
            return count
        cursor = f"&cursor={page['next']}"
