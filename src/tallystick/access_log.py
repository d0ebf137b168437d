"""The access log: one JSON line a request on standard output, without credentials."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any, BinaryIO

import orjson

from tallystick.background_tasks import end_tasks
from tallystick.call_context import SCOPE
from tallystick.contract.operation import Operation
from tallystick.secret_names import is_secret_name, mask_query

FLUSH_S = 0.2
MOST_PENDING = 256
"""Requests kept until they are written; 3,000 were 5 MB, and held up others for 15 ms."""

PIECE = 4_096
"""Bytes that a pipe takes as one (PIPE_BUF): several processes may write into it."""


class AccessLog:
    """A log of requests as JSON lines, written in batches outside the requests' own time."""

    def __init__(self, secret_names: Iterable[str], stream: BinaryIO | None = None) -> None:
        """Mask the query parameters in `secret_names`, beside those with the name of a secret."""
        self._secret_names = frozenset(n for n in secret_names if not is_secret_name(n))
        self._stream = stream or sys.stdout.buffer
        self._pending: list[tuple[Any, ...]] = []
        self._flusher: asyncio.Task[None] | None = None

    def add(
        self,
        scope: Mapping[str, Any],
        operation: Operation | None,
        status: int,
        size: int,
        seconds: float,
    ) -> None:
        """Record one answered request."""
        self._pending.append((time(), scope, operation, status, size, seconds))
        if len(self._pending) >= MOST_PENDING:
            self._flush()

    def start(self) -> None:
        """Start to write every `FLUSH_S` seconds, however few requests there are."""
        self._flusher = asyncio.create_task(self._write_now_and_then())

    async def stop(self) -> None:
        """Stop, and write the rest."""
        await end_tasks(self._flusher)
        self._flush()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            # A pipe that nobody reads, or a full disk: the service goes on without its log.
            with contextlib.suppress(OSError):
                for piece in _pieces(map(self._line, pending)):
                    self._stream.write(piece)
                    self._stream.flush()

    def _line(self, request: tuple[Any, ...]) -> bytes:
        at, scope, operation, status, size, seconds = request
        client = scope.get("client")
        call = scope.get(SCOPE)
        return orjson.dumps(
            {
                "time": f"{_second(int(at))}.{int(at % 1 * 1000):03d}Z",
                "client": client[0] if client else None,
                "method": scope["method"],
                "path": scope["raw_path"].decode("latin-1"),
                "query": mask_query(scope["query_string"].decode("latin-1"), self._secret_names),
                "api": operation.api if operation else None,
                "operation": operation.id if operation else None,
                "status": status,
                "bytes": size,
                "ms": round(seconds * 1000, 3),
                **(call.ids() if call else {}),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


def _pieces(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield whole lines, `PIECE` bytes at most at a time; a longer line is alone."""
    piece = b""
    for line in lines:
        if piece and len(piece) + len(line) > PIECE:
            yield piece
            piece = b""
        piece += line
    if piece:
        yield piece


# All requests of a second share the text of its time.
@lru_cache(maxsize=2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
