"""Readers get their answers by gzip if they take it, and once only if nothing changed."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

import pytest
import requests

from asgi_reply import AsgiReply
from server_process import ServerProcess
from tallystick.compressed_answers import SMALL, CompressedAnswers, accepts_gzip

TEXT = b"x" * SMALL
TYPE = (b"content-type", b"text/plain")
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}
KEY = {"Authorization": "Bearer dev-gateway-key"}


def ask(
    body: bytes = TEXT,
    *own: tuple[bytes, bytes],
    method: str = "GET",
    status: int = 200,
    more: bool = False,
    **headers: str,
) -> AsgiReply:
    """Return the answer with this body, to a caller with these headers."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        length = (b"content-length", b"%d" % len(body))
        start = {"status": status, "headers": [TYPE, length, *own]}
        await send({"type": "http.response.start", **start})
        await send({"type": "http.response.body", "body": body, "more_body": more})
        if more:
            await send({"type": "http.response.body", "body": b"y"})

    async def receive() -> Any:
        raise NotImplementedError

    reply = AsgiReply()
    sent = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
    scope = {"type": "http", "method": method, "headers": sent}
    asyncio.run(CompressedAnswers(app)(scope, receive, reply))
    return reply


@pytest.mark.parametrize(
    ("value", "takes"),
    [
        (b"gzip, deflate, br", True),
        (b"br;q=1.0, GZIP ; q=0.5", True),
        (b"*", True),
        (b"", False),
        (b"identity", False),
        (b"gzip;q=0", False),
        (b"gzip; q=0.000, *", False),
        (b"*;q=0", False),
        (b"gzip, *;q=0", True),
        (b";;,q=,\xff", False),
    ],
)
def test_a_caller_says_whether_they_take_gzip(value: bytes, takes: bool) -> None:
    assert accepts_gzip(value) is takes


@pytest.mark.parametrize("size", [SMALL, 1_000_000])
def test_a_text_goes_out_by_gzip(size: int) -> None:
    reply = ask(b"x" * size, accept_encoding="gzip")

    assert gzip.decompress(reply.body) == b"x" * size
    assert reply.headers[b"content-encoding"] == b"gzip"
    assert reply.headers[b"content-length"] == b"%d" % len(reply.body)
    assert reply.headers[b"vary"] == b"Accept-Encoding"


def test_a_text_goes_out_plain_to_all_others() -> None:
    reply = ask(accept_encoding="gzip;q=0")

    assert reply.body == TEXT
    assert b"content-encoding" not in reply.headers
    assert reply.headers[b"vary"] == b"Accept-Encoding"


def test_a_reader_who_has_the_text_gets_no_body() -> None:
    etag = ask().headers[b"etag"].decode()

    for known in (etag, f'"other", {etag}', etag.removeprefix("W/"), "*"):
        reply = ask(accept_encoding="gzip", if_none_match=known)
        assert (reply.status, reply.body, reply.headers[b"etag"]) == (304, b"", etag.encode())
        assert not reply.headers.keys() & {b"content-length", b"content-type", b"content-encoding"}
    assert ask(b"other" + TEXT, if_none_match=etag).status == 200


@pytest.mark.parametrize(
    "reply",
    [
        ask(b"x" * (SMALL - 1), accept_encoding="gzip"),
        ask(method="POST", accept_encoding="gzip"),
        ask(status=404, accept_encoding="gzip"),
        ask(TEXT, (b"content-encoding", b"br"), accept_encoding="gzip"),
        ask(TEXT, (b"content-type", b"image/png"), accept_encoding="gzip"),
        ask(more=True, accept_encoding="gzip"),
    ],
    ids=["small", "not a GET", "an error", "encoded already", "no text", "a stream"],
)
def test_other_answers_stay_as_they_are(reply: AsgiReply) -> None:
    assert b"etag" not in reply.headers
    assert reply.headers.get(b"content-encoding") in {None, b"br"}
    assert int(reply.headers[b"content-length"]) == len(reply.body.rstrip(b"y"))


@pytest.mark.parametrize("path", ["/docs", "/openapi.yaml", "/openapi/eventhos.yaml", "/metrics"])
def test_documents_and_pages_are_compressed(server: ServerProcess, path: str) -> None:
    packed = requests.get(server.url + path, headers=GZIP, timeout=20)
    plain = requests.get(server.url + path, headers=PLAIN, timeout=20)

    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert path == "/metrics" or packed.content == plain.content


def test_a_list_of_events_is_compressed_and_known_again(server: ServerProcess) -> None:
    body = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
    body |= {"st": "OK", "me": "Operation successful" * 9}
    for _ in range(3):
        requests.post(
            f"{server.url}/create",
            json=body,
            headers={"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"},
            timeout=20,
        ).raise_for_status()
    url = f"{server.url}/gateway/v1/events?limit=3&source=/event_store/EDF&type=START_EC2"
    first = requests.get(url, headers=KEY | GZIP, timeout=20)
    again = requests.get(
        url, headers=KEY | GZIP | {"If-None-Match": first.headers["ETag"]}, timeout=20
    )

    assert first.headers["Content-Encoding"] == "gzip"
    assert len(first.json()["events"]) == 3
    assert (again.status_code, again.content) == (304, b"")
