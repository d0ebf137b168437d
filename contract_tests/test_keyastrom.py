"""What takes more than one request to see of keyastrom."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply


def send(server: Server, method: str, path: str, body: bytes = b"") -> WireReply:
    key = server.world.credential("keyastrom", "token")
    headers = ((key.name, key.secret), ("Content-Type", "application/json"))
    return server.client.send(VectorRequest(method, path, headers, body))


def read(server: Server, path: str) -> Any:
    reply = send(server, "GET", path)
    assert reply.status == 200, reply
    return loads(reply.body)


@pytest.mark.parametrize(
    "prefix", ["/api/v2", "/e/mySampleEnv/api/v2", "/platform/classic/environment-api/v2"]
)
def test_a_problem_is_listed_commented_on_and_closed(server: Server, prefix: str) -> None:
    event = b'{"eventType": "ERROR_EVENT", "title": "%s"}' % uuid.uuid4().hex.encode()
    [result] = loads(send(server, "POST", f"{prefix}/events/ingest", event).body)[
        "eventIngestResults"
    ]
    listed = read(server, f"{prefix}/events?eventSelector=correlationId({result['correlationId']})")
    id_ = f"{listed['events'][0]['eventId']}V2"
    [problem] = read(server, f'{prefix}/problems?problemSelector=problemId("{id_}")')["problems"]
    assert read(server, f"{prefix}/problems/{id_}") == problem
    assert (problem["status"], problem["endTime"]) == ("OPEN", -1)

    comments = f"{prefix}/problems/{id_}/comments"
    made = send(server, "POST", comments, b'{"message": "Known.", "context": "ci"}')
    assert made.status == 201
    comment = loads(made.body)
    one = f"{comments}/{comment['id']}"
    assert read(server, one) == comment
    assert read(server, comments)["comments"] == [comment]
    assert send(server, "PUT", one, b'{"message": "Mended."}').status == 204
    assert read(server, one)["content"] == "Mended."
    assert send(server, "DELETE", one).status == 204
    assert send(server, "GET", one).status == 404

    closed = send(server, "POST", f"{prefix}/problems/{id_}/close", b'{"message": "Done."}')
    assert closed.status == 200
    result = loads(closed.body)
    assert (result["problemId"], result["closing"]) == (id_, True)
    assert result["comment"]["content"] == "Done."
    again = send(server, "POST", f"{prefix}/problems/{id_}/close", b'{"message": "Done."}')
    assert again.status == 204
    assert read(server, f"{prefix}/problems/{id_}")["status"] == "CLOSED"
