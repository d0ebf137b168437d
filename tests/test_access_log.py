"""Each request is one JSON line, without credentials."""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

from tallystick.access_log import MOST_PENDING, PIECE, AccessLog
from tallystick.call_context import SCOPE as CALL_SCOPE
from tallystick.call_context import CallContext

SCOPE = {
    "client": ("127.0.0.1", 5),
    "method": "GET",
    "raw_path": b"/a%0Ab",
    "query_string": b"key=secret&n=1",
}


class Broken(io.BytesIO):
    """A pipe that nobody reads."""

    def write(self, *_: Any) -> int:
        raise BrokenPipeError


def test_a_request_is_a_line_with_its_secrets_masked() -> None:
    stream = io.BytesIO()
    log = AccessLog({"key"}, stream)
    log.add(SCOPE, None, 404, 12, 0.0012345)
    log.add({**SCOPE, "client": None}, None, 200, 0, 0)
    asyncio.run(log.stop())
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert first.pop("time").endswith("Z")
    assert first == {
        "client": "127.0.0.1",
        "method": "GET",
        "path": "/a%0Ab",
        "query": "key=***&n=1",
        "api": None,
        "operation": None,
        "status": 404,
        "bytes": 12,
        "ms": 1.234,
    }
    assert second["client"] is None


def test_a_log_that_nobody_reads_stops_no_server() -> None:
    log = AccessLog((), Broken())
    log.add(SCOPE, None, 200, 0, 0)
    asyncio.run(log.stop())


def test_many_requests_are_written_before_their_time() -> None:
    stream = io.BytesIO()
    log = AccessLog((), stream)
    for _ in range(MOST_PENDING - 1):
        log.add(SCOPE, None, 200, 0, 0)
    assert stream.getvalue() == b""
    log.add(SCOPE, None, 200, 0, 0)
    assert len(stream.getvalue().splitlines()) == MOST_PENDING
    asyncio.run(log.stop())


class Pieces(io.BytesIO):
    """A pipe that notes what it is given at a time."""

    def __init__(self) -> None:
        super().__init__()
        self.given: list[bytes] = []

    def write(self, piece: Any) -> int:
        self.given.append(bytes(piece))
        return len(piece)


def test_lines_go_in_pieces_that_no_other_process_can_cut() -> None:
    stream = Pieces()
    log = AccessLog((), stream)
    long = {**SCOPE, "raw_path": b"/" + b"x" * 2 * PIECE}
    for scope in (*[SCOPE] * 50, long, SCOPE):
        log.add(scope, None, 200, 0, 0)
    asyncio.run(log.stop())

    assert sum(piece.count(b"\n") for piece in stream.given) == 52
    assert all(piece.endswith(b"\n") for piece in stream.given)
    assert all(len(piece) <= PIECE or piece.count(b"\n") == 1 for piece in stream.given)
    assert len(stream.given) < 10


def test_a_query_parameter_whose_name_tells_of_a_secret_is_masked_in_any_spelling() -> None:
    stream = io.BytesIO()
    log = AccessLog((), stream)
    query = b"%61pikey=secret&refreshToken=secret&X-Vault-Token=secret&n=1"
    log.add({**SCOPE, "query_string": query}, None, 200, 0, 0)
    asyncio.run(log.stop())
    [line] = map(json.loads, stream.getvalue().splitlines())
    assert line["query"] == "%61pikey=***&refreshToken=***&X-Vault-Token=***&n=1"


def test_a_call_with_ids_has_them_in_its_line() -> None:
    stream = io.BytesIO()
    log = AccessLog((), stream)
    log.add({**SCOPE, CALL_SCOPE: CallContext("r1", "", "k1")}, None, 200, 0, 0)
    asyncio.run(log.stop())
    line = json.loads(stream.getvalue())
    assert (line["request_id"], line["key_id"]) == ("r1", "k1")
    assert "trace_id" not in line
