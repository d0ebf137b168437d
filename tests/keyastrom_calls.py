"""Calls of keyastrom on a real server, and their expected answers."""

from __future__ import annotations

from typing import Any

import requests

from server_process import ServerProcess

TOKEN = "dt0c01.abc123.abcdefjhij1234567890"
PATHS = [
    "/api/v2/events/ingest",
    "/e/mySampleEnv/api/v2/events/ingest",
    "/platform/classic/environment-api/v2/events/ingest",
]
EVENT = {"eventType": "CUSTOM_INFO", "title": "Loadtest start"}


def post(
    server: ServerProcess, body: object = None, *, path: str = PATHS[0], token: str = TOKEN
) -> requests.Response:
    """Send an event."""
    headers = {"Authorization": f"Api-Token {token}"}
    return requests.post(server.url + path, json=body, headers=headers, timeout=10)


def error(answer: requests.Response) -> tuple[int, str]:
    """Return the code and the message of an error."""
    said = answer.json()["error"]
    assert said["code"] == answer.status_code
    return answer.status_code, said["message"]


def statuses(answer: requests.Response) -> list[str]:
    """Return the status of the event on each entity."""
    assert answer.status_code == 201
    said = answer.json()
    assert said["reportCount"] == len(said["eventIngestResults"])
    return [result["status"] for result in said["eventIngestResults"]]


def found(server: ServerProcess, selector: str) -> list[dict[str, Any]]:
    """Return the entities found by a selector."""
    query = {"entitySelector": selector, "fields": "tags,properties,fromRelationships"}
    url = f"{server.url}/api/v2/entities"
    answer = requests.get(url, query, headers={"Authorization": f"Api-Token {TOKEN}"}, timeout=10)
    assert answer.status_code == 200
    entities: list[dict[str, Any]] = answer.json()["entities"]
    return entities


def entity(name: str, **more: Any) -> dict[str, Any]:
    """Return a host in the format of an import."""
    return {"id": f"HOST-{name}", "type": "HOST", "name": name, **more}
