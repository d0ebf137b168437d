"""Metrics of a group of processes: each leaves its own for the others, and any tells the sum."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from mmap import mmap
from time import monotonic
from typing import Any

import orjson

from tallystick.background_tasks import end_tasks
from tallystick.metric_family import MetricFamily, join_families

PERIOD_S = 1.0
"""How often a process leaves its metrics for the others."""

STALE_S = 5.0
"""The age from which gauges count no more: their process is gone."""

SIZE = 4 * 1024 * 1024
"""The longest text of one process, in bytes; pages without a text take no memory."""

_NUMBER = 8
_HALF = _NUMBER + SIZE
_PLACE = _NUMBER + 2 * _HALF


class SharedTexts:
    """A text of each process of a group, in memory that they share once they are forked.

    A text has two halves of memory in turn, so that a process killed as it writes leaves the text
    before whole.
    """

    def __init__(self, members: int) -> None:
        self.members = members
        self._memory = mmap(-1, members * _PLACE)

    def write(self, member: int, text: bytes) -> None:
        """Replace the text of a member; one longer than `SIZE` is left out."""
        if len(text) > SIZE:
            return
        turn = self._number(member * _PLACE) + 1
        at = self._half(member, turn)
        self._memory[at + _NUMBER : at + _NUMBER + len(text)] = text
        self._set_number(at, len(text))
        self._set_number(member * _PLACE, turn)

    def read(self, member: int) -> bytes:
        """Return the text of a member; empty before its first."""
        while True:
            turn = self._number(member * _PLACE)
            at = self._half(member, turn)
            text = self._memory[at + _NUMBER : at + _NUMBER + self._number(at)]
            if self._number(member * _PLACE) < turn + 2:  # this half was left alone
                return text

    def _half(self, member: int, turn: int) -> int:
        return member * _PLACE + _NUMBER + turn % 2 * _HALF

    def _number(self, at: int) -> int:
        return int.from_bytes(self._memory[at : at + _NUMBER])

    def _set_number(self, at: int, number: int) -> None:
        self._memory[at : at + _NUMBER] = number.to_bytes(_NUMBER)


class SharedMetrics:
    """The metrics of one process, joined with those of the others.

    A process that replaces another one goes on with its counters, so that sums never fall.
    """

    def __init__(
        self, texts: SharedTexts, member: int, read_own: Callable[[], list[MetricFamily]]
    ) -> None:
        self._texts = texts
        self._member = member
        self._read_own = read_own
        self._earlier = _counted(_read_text(texts.read(member))[1])

    @asynccontextmanager
    async def shared(self) -> AsyncIterator[None]:
        """Leave this process's metrics for the others during the block."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            await end_tasks(task)

    def read_all(self) -> list[MetricFamily]:
        """Return the metrics of all processes, as one."""
        own = self._leave_own()
        others = (self._read(n) for n in range(self._texts.members) if n != self._member)
        return join_families([own, *others])

    def _leave_own(self) -> list[MetricFamily]:
        """Return this process's metrics, left for the others too: none tells less later."""
        own = join_families([self._read_own(), self._earlier])
        self._texts.write(self._member, _write_text(own))
        return own

    async def _run(self) -> None:
        while True:
            self._leave_own()
            await asyncio.sleep(PERIOD_S)

    def _read(self, member: int) -> list[MetricFamily]:
        at, families = _read_text(self._texts.read(member))
        return families if monotonic() - at < STALE_S else _counted(families)


def _counted(families: Iterable[MetricFamily]) -> list[MetricFamily]:
    return [family for family in families if family.kind != "gauge"]


def _write_text(families: Iterable[MetricFamily]) -> bytes:
    # All processes of a machine share the monotonic clock.
    shown = [family._replace(samples=[*family.samples.items()]) for family in families]  # type: ignore[arg-type]  # for JSON, whose keys are texts
    return orjson.dumps([monotonic(), [tuple(family) for family in shown]])


def _read_text(text: bytes) -> tuple[float, list[MetricFamily]]:
    at, found = orjson.loads(text) if text else (0.0, [])
    return at, [_to_family(*family) for family in found]


def _to_family(
    kind: str, name: str, description: str, labels: list[str], samples: list[Any], joined: str
) -> MetricFamily:
    read = {tuple(values): number for values, number in samples}
    return MetricFamily(kind, name, description, tuple(labels), read, joined)  # type: ignore[arg-type]  # written by `_write_text`
