"""What the service says of itself: a line a request, and numbers for Prometheus."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from time import time
from typing import Any, BinaryIO

import orjson

from tallystick.contract.operation import Operation
from tallystick.contract.query_string import masked

FLUSH_S = 0.2
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Seconds; what takes longer is in one more."""


class AccessLog:
    """Writes one JSON line a request, some requests at a time, off the request's own path."""

    def __init__(self, secret_names: Iterable[str], stream: BinaryIO | None = None) -> None:
        """`secret_names`: the query parameters whose values are masked."""
        self._secret_names = frozenset(secret_names)
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
        """Take note of one request."""
        self._pending.append((time(), scope, operation, status, size, seconds))

    def start(self) -> None:
        """Begin to write."""
        self._flusher = asyncio.create_task(self._write_now_and_then())

    async def stop(self) -> None:
        """Write the rest."""
        if self._flusher:
            self._flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flusher
        self._flush()

    async def _write_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_S)
            self._flush()

    def _flush(self) -> None:
        pending, self._pending = self._pending, []
        if pending:
            with contextlib.suppress(BrokenPipeError):
                self._stream.write(b"".join(map(self._line, pending)))
                self._stream.flush()

    def _line(self, request: tuple[Any, ...]) -> bytes:
        at, scope, operation, status, size, seconds = request
        client = scope.get("client")
        return orjson.dumps(
            {
                "time": f"{_second(int(at))}.{int(at % 1 * 1000):03d}Z",
                "client": client[0] if client else None,
                "method": scope["method"],
                "path": scope["raw_path"].decode("latin-1"),
                "query": masked(scope["query_string"], self._secret_names),
                "api": operation.api if operation else None,
                "operation": operation.id if operation else None,
                "status": status,
                "bytes": size,
                "ms": round(seconds * 1000, 3),
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


@lru_cache(maxsize=2)
def _second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class Metrics:
    """Counts answers and their times by operation, cheaply; adds up only when asked."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Operation | None, int], int] = {}
        self._times: dict[Operation | None, list[float]] = {}

    def add(
        self,
        scope: Mapping[str, Any],  # noqa: ARG002  # what an `Observer` is told
        operation: Operation | None,
        status: int,
        size: int,  # noqa: ARG002  # likewise
        seconds: float,
    ) -> None:
        """Count one answer."""
        key = (operation, status)
        self._answers[key] = self._answers.get(key, 0) + 1
        times = self._times.get(operation)
        if times is None:
            times = self._times[operation] = [0.0] * (len(BUCKETS) + 2)
        times[bisect_left(BUCKETS, seconds)] += 1
        times[-1] += seconds

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        # Loaded when somebody asks: no start needs it.
        from tallystick.prometheus_text import text

        return text(BUCKETS, self._answers, self._times)
