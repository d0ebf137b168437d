"""What HTTP itself refuses is answered as the API that is called declares it."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest

from . import contract
from .api_facts import read_facts
from .coverage import Coverage
from .event_calls import list_event_calls
from .json_text import loads
from .servers import Server
from .wire import WireReply, connect, exchange, read_reply

_APIS = contract.apis()
_FOLLOWING = b"\r\nHost: x\r\nConnection: close\r\n"


@pytest.fixture(scope="module", autouse=True)
def _own_server(connexion: bool, pytestconfig: pytest.Config) -> None:
    if connexion:
        pytest.skip("unmodified Connexion has its own answers to these")
    if pytestconfig.getoption("--base-url"):
        pytest.skip("a foreign server may stand behind an HTTP server with its own answers")


@pytest.fixture(scope="module")
def slow_heads(server: Server) -> Iterator[Mapping[str, socket.socket]]:
    """A connection to each API on which half a head was sent, all at the same time."""
    with ExitStack() as stack:
        slow = {api: stack.enter_context(connect(server.url)) for api in _APIS}
        for api, connection in slow.items():
            connection.sendall(f"GET {_path(api)} HTTP/1.1\r\nHost: x\r\n".encode())
        yield slow


def test_every_status_is_provoked_here() -> None:
    for api in _APIS:
        declared = {answer.status for answer in contract.http_answers(api)}
        assert declared == {400, 404, 405, 408, 414, 415, 431, 501}, api


@pytest.mark.parametrize("api", _APIS)
@pytest.mark.parametrize(
    ("status", "method", "suffix", "headers"),
    [
        (400, "GET", "", b"Host: y\r\n"),
        (404, "GET", "/there/is/none", b""),
        (405, "PATCH", "", b""),
        (414, "GET", "?" + "x" * 100_000, b""),
        (431, "GET", "", b"X-Large: " + b"x" * 170_000 + b"\r\n"),
        (501, "POST", "", b"Transfer-Encoding: gzip, chunked\r\n"),
    ],
)
def test_a_refused_head_is_answered_as_declared(
    api: str,
    status: int,
    method: str,
    suffix: str,
    headers: bytes,
    server: Server,
    coverage: Coverage,
) -> None:
    target = _path(api) + suffix
    head = f"{method} {target} HTTP/1.1".encode() + _FOLLOWING + headers + b"\r\n"

    reply = exchange(server.url, [head], method=method)

    coverage.saw(method, target, reply.status, reply.body)
    assert_declared(api, status, reply)


@pytest.mark.parametrize("api", _APIS)
def test_half_a_head_is_answered_in_the_end(
    api: str, slow_heads: Mapping[str, socket.socket], coverage: Coverage
) -> None:
    reply = read_reply(slow_heads[api], "GET")

    coverage.saw("GET", _path(api), reply.status, reply.body)
    assert_declared(api, 408, reply)


@pytest.mark.parametrize("api", _APIS)
def test_an_unknown_content_encoding_is_refused(
    api: str, server: Server, coverage: Coverage
) -> None:
    method, target, credential = _call_with_a_body(api)
    head = f"{method} {target} HTTP/1.1".encode() + _FOLLOWING
    if credential is not None:
        found = server.world.credential(api, credential)
        head += f"{found.name}: {found.secret}\r\n".encode()
    head += b"Content-Type: application/json\r\nContent-Encoding: br\r\nContent-Length: 2\r\n\r\n"

    reply = exchange(server.url, [head, b"{}"], method=method)

    coverage.saw(method, target, reply.status, reply.body)
    assert_declared(api, 415, reply)


def assert_declared(api: str, status: int, reply: WireReply) -> None:
    """Fail unless the answer is the example that the API's document has."""
    declared: Mapping[str, Any] = contract.document(api)["x-http-responses"][str(status)]
    [(media_type, media)] = declared["content"].items()
    assert reply.status == status, reply.body
    assert reply.header("Content-Type") == media_type
    body = loads(reply.body)
    if "request_id" in media["example"]:
        assert body["request_id"] == reply.header("X-Request-Id")
        body["request_id"] = media["example"]["request_id"]
    assert body == media["example"]


def _path(api: str) -> str:
    """A path whose errors have the API's own shape; a template's names stand for themselves."""
    paths: Mapping[str, Any] = contract.document(api)["paths"]
    own = [path for path, item in paths.items() if "x-errors" not in str(item)]
    return min(own, key=len).replace("{", "").replace("}", "")


def _call_with_a_body(api: str) -> tuple[str, str, str | None]:
    """Method, target and credential of a call that takes JSON."""
    for call in list_event_calls(api):
        if call.request.body:
            target = re.sub(r"@\w+@", "1", call.request.target)
            return call.request.method, target, call.credential
    [operation, *_] = [
        operation
        for operation in contract.operations()
        if operation.api == api and operation.method == "POST" and "{" not in operation.path
    ]
    return operation.method, operation.path, next(iter(read_facts(api).credentials))
