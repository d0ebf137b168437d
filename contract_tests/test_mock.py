"""The controls of a mock, where one request is not enough to see what they do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .coverage import Coverage
from .fuzz import failures
from .json_text import loads
from .servers import NoServer, Server, Servers
from .vectors import VectorRequest
from .wire import WireReply

_EXAMPLES = 50
_EVENT = {"ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3", "st": "OK"}


@pytest.fixture
def mock(servers: Servers, connexion: bool) -> Server:
    """A mock as it is at its start."""
    if connexion:
        pytest.skip("a mock is not on unmodified Connexion")
    try:
        server = servers.get("mock")
    except NoServer as reason:
        pytest.skip(str(reason))
    assert _control(server, "POST", "reset").status == 204
    return server


def _control(server: Server, method: str, path: str, body: Any = None) -> WireReply:
    key = server.world.credential("gateway", "key")
    headers = ((key.name, key.secret), ("Content-Type", "application/json"))
    content = None if body is None else json.dumps(body).encode()
    return server.client.send(VectorRequest(method, f"/gateway/v1/mock/{path}", headers, content))


def _create(server: Server, client: str, **headers: str) -> WireReply:
    key = server.world.credential("event_store", "key")
    named = ((key.name, key.secret), ("Content-Type", "application/json"), *headers.items())
    event = json.dumps({**_EVENT, "cl": client, "me": "Operation successful"}).encode()
    return server.client.send(VectorRequest("POST", "/create", named, event))


def test_a_rule_is_followed_as_often_as_it_says(mock: Server) -> None:
    rule = {"operation": "createEvent", "match": {"body": {"$.cl": "EDF"}}, "times": 1}
    assert _control(mock, "POST", "rules", {**rule, "answer": {"error": "M004"}}).status == 201

    assert _create(mock, "ENI").status == 200
    assert loads(_create(mock, "EDF").body)["code"] == "M004"
    assert _create(mock, "EDF").status == 200


def test_the_caller_chooses_the_answer(mock: Server) -> None:
    chosen = _create(mock, "EDF", Prefer="code=503")

    assert chosen.status == 503
    assert chosen.header("Retry-After")
    assert chosen.header("Preference-Applied") == "code=503"


def test_every_request_is_kept_with_what_is_wrong_with_it(mock: Server) -> None:
    _create(mock, "x")

    [kept] = loads(_control(mock, "GET", "requests").body)["requests"]
    assert kept["operation"] == "createEvent"
    assert kept["body"]["cl"] == "x"
    assert kept["headers"]["x-api-key"] == "***"
    assert kept["violations"][0]["code"] == "C002"
    assert kept["answer"]["status"] == 400
    assert loads(_control(mock, "GET", f"requests/{kept['id']}").body) == kept


def test_requests_are_streamed(mock: Server) -> None:
    _create(mock, "EDF")

    stream = _control(mock, "GET", "requests/stream?after=0&limit=1")

    assert stream.header("Content-Type") == "text/event-stream"
    [data] = [line for line in stream.body.splitlines() if line.startswith(b"data: ")]
    assert loads(data.removeprefix(b"data: "))["body"]["cl"] == "EDF"


def test_a_request_that_is_almost_expected_is_shown(mock: Server) -> None:
    _create(mock, "ENI")
    expected = {"operation": "createEvent", "match": {"body": {"$.cl": "EDF"}}}

    refused = _control(mock, "POST", "verify", {**expected, "times": 1})
    assert refused.status == 422
    assert loads(refused.body)["nearMisses"][0]["misses"] == ["body $.cl is 'ENI', wanted 'EDF'"]

    _create(mock, "EDF")
    assert _control(mock, "POST", "verify", {**expected, "times": 1}).status == 200


def test_schemathesis_finds_nothing_wrong_with_the_controls(
    servers: Servers, coverage: Coverage, connexion: bool
) -> None:
    if connexion or servers.base_url:
        pytest.skip("only a mock of the suite's own is put upside down")
    server = servers.get("fuzzed mock")
    found = failures("gateway", server, coverage, _EXAMPLES)
    assert not found, "\n\n".join(found)
    assert server.alive
