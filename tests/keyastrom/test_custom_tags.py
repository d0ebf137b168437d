"""Custom tags on a real server: added, listed, found by selectors, and taken away."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from keyastrom_calls import TOKEN, entity, found
from server_process import ServerProcess, StartServer

HEADERS = {"Authorization": f"Api-Token {TOKEN}"}


@pytest.fixture(params=["sqlite://", "postgresql"])
def tagged(request: pytest.FixtureRequest, start_server: StartServer) -> ServerProcess:
    """Return a server with three hosts, of which one has a tag of a cloud."""
    url = request.param
    if url == "postgresql":
        url = request.getfixturevalue("postgres_url")
    server = start_server("--dev", "--database", url)
    hosts = [entity("a", tags=["team:a"]), entity("b", tags=["[AWS]team:a"]), entity("c")]
    answer = requests.put(
        f"{server.url}/gateway/v1/entities",
        json={"entities": hosts},
        headers={"Authorization": "Bearer dev-gateway-key"},
        timeout=10,
    )
    assert answer.status_code == 200
    return server


def call(server: ServerProcess, method: str, query: dict[str, str], body: object = None) -> Any:
    """Return the answer to a call on the entities that are named a, b and c."""
    query = {"entitySelector": "type(HOST),entityName.in(a,b,c)", **query}
    url = f"{server.url}/api/v2/tags"
    answer = requests.request(method, url, params=query, json=body, headers=HEADERS, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def texts(listed: Any) -> list[str]:
    return [tag["stringRepresentation"] for tag in listed["tags"]]


def test_a_tag_is_added_once_found_and_taken_away(tagged: ServerProcess) -> None:
    new = {"tags": [{"key": "team", "value": "a"}, {"key": "only"}, {"key": "only", "value": ""}]}
    added = call(tagged, "POST", {}, new)
    assert added["matchedEntitiesCount"] == 3
    assert [tag["stringRepresentation"] for tag in added["appliedTags"]] == ["team:a", "only"]
    assert texts(call(tagged, "GET", {})) == ["only", "team:a"]
    assert len(found(tagged, 'type(HOST),tag("team:a"),tag("only")')) == 3
    assert call(tagged, "DELETE", {"key": "team", "value": "b"}) == {"matchedEntitiesCount": 0}
    assert call(tagged, "DELETE", {"key": "team", "value": "a"}) == {"matchedEntitiesCount": 3}
    assert texts(call(tagged, "GET", {})) == ["only"]


def test_tags_with_a_context_are_neither_listed_nor_taken_away(tagged: ServerProcess) -> None:
    assert texts(call(tagged, "GET", {})) == ["team:a"]
    all_of_them = {"key": "team", "deleteAllWithKey": "true"}
    assert call(tagged, "DELETE", all_of_them) == {"matchedEntitiesCount": 1}
    assert len(found(tagged, 'type(HOST),tag("[AWS]team:a")')) == 1


def test_only_entities_seen_in_the_time_frame_are_meant(tagged: ServerProcess) -> None:
    assert call(tagged, "GET", {"to": "now-1h", "from": "now-2h"})["totalCount"] == 0
