"""A packed body is read as what it holds, within the limit of bodies."""

from __future__ import annotations

import gzip
import zlib

import pytest
import requests

from server_process import ServerProcess, StartServer
from tallystick.contract.content_encoding import NotPacked, unpack_body
from tallystick.contract.exceptions import TooLarge, UnknownEncoding

LIMIT = 1_000
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx", "Content-Type": "application/json"}
EVENT = (
    b'{"cl":"EDF","ty":"GZIP","hs":"AWS","ac":"PRODUCTION","re":"eu-west-3","st":"OK",'
    b'"me":"Packed"}'
)


@pytest.mark.parametrize("encoding", [b"gzip", b"x-gzip", b" GZIP "])
def test_gzip_is_unpacked(encoding: bytes) -> None:
    assert unpack_body(gzip.compress(b"text"), encoding, LIMIT) == b"text"


@pytest.mark.parametrize("encoding", [b"", b"identity"])
def test_what_is_not_packed_stays(encoding: bytes) -> None:
    assert unpack_body(b"text", encoding, LIMIT) == b"text"


def test_the_limit_is_one_of_what_comes_out() -> None:
    assert len(unpack_body(gzip.compress(b" " * LIMIT), b"gzip", LIMIT)) == LIMIT
    with pytest.raises(TooLarge):
        unpack_body(gzip.compress(b" " * 100_000_000), b"gzip", LIMIT)


@pytest.mark.parametrize("encoding", [b"br", b"deflate", b"gzip, gzip", b"klingon"])
def test_another_encoding_is_unknown(encoding: bytes) -> None:
    with pytest.raises(UnknownEncoding):
        unpack_body(b"text", encoding, LIMIT)


@pytest.mark.parametrize(
    "raw",
    [
        b"text",
        zlib.compress(b"text"),
        gzip.compress(b"text", mtime=0)[:-1],
        gzip.compress(b"text", mtime=0) + b"x",
    ],
)
def test_what_is_no_gzip_is_refused(raw: bytes) -> None:
    with pytest.raises(NotPacked):
        unpack_body(raw, b"gzip", LIMIT)


def create(server: ServerProcess, body: bytes, encoding: str) -> requests.Response:
    headers = {**KEY, "Content-Encoding": encoding}
    return requests.post(f"{server.url}/create", data=body, headers=headers, timeout=10)


@pytest.mark.parametrize("option", [[], ["--connexion"]], ids=["compiled", "connexion"])
def test_an_event_may_come_packed(start_server: StartServer, option: list[str]) -> None:
    server = start_server(*option)
    assert create(server, gzip.compress(EVENT), "gzip").ok
    assert create(server, EVENT, "gzip").status_code == 400
    assert create(server, gzip.compress(b" " * 10_000_000), "gzip").status_code == 413
    unknown = create(server, EVENT, "br")
    assert unknown.status_code == 415
    assert unknown.json()["code"] == "415"
