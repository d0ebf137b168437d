"""All metrics of a server: its own counters, and gauges read from the database when asked."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import version

from sqlalchemy import Connection, make_url

from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Problem
from tallystick.contract.log_failure import log_failure
from tallystick.delivery.backlog import read_backlog
from tallystick.events import Retention
from tallystick.metric_family import MetricFamily, gauge
from tallystick.store.disk import read_disk

READ_S = 2.0
"""How many seconds a scrape waits for the database; then it goes on without its gauges."""

Reader = Callable[[Connection], Iterable[MetricFamily]]
"""Reads the metrics of an API within a snapshot of the database."""


class ServerMetrics:
    """The metrics of one process."""

    def __init__(
        self,
        context: ServiceContext,
        retention: Retention,
        counters: Callable[[], Iterable[MetricFamily]],
        readers: Callable[[], Iterable[Reader]],
    ) -> None:
        """`counters` returns what was counted in this process; `readers` are those of the APIs."""
        self._context = context
        self._retention = retention
        self._counters = counters
        self._readers = readers
        self._answers = True
        self._reading: asyncio.Task[list[MetricFamily]] | None = None
        self.read_shared: Callable[[], list[MetricFamily]] | None = None
        """Reads the metrics of all processes that share the port, if there are others."""

    async def write(self) -> bytes:
        """Return all metrics in Prometheus' text format, also while the database is away."""
        # Loaded when somebody asks: no start needs it.
        from tallystick.prometheus_text import write_text

        return await asyncio.to_thread(write_text, await self.families())

    async def families(self) -> list[MetricFamily]:
        """Return all metrics, those of the database last."""
        self._answers = bool(stored := await self._read_stored())
        return [*(self.read_shared or self.read_own)(), *stored]

    def read_own(self) -> list[MetricFamily]:
        """Return this process's metrics, without those of the database."""
        from tallystick.process_metrics import read_process

        return [*self._own(), *self._counters(), *read_process()]

    async def _read_stored(self) -> list[MetricFamily]:
        # Scrapes share one reading, so that many of them take one thread of a database at rest.
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read())
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_S):
                return await asyncio.shield(self._reading)
        return []

    async def _read(self) -> list[MetricFamily]:
        try:
            return await self._context.database.read(self._collect)
        except Problem:  # the store has logged it
            return []
        except Exception as error:
            log_failure(error, "metrics can't be read")
            return []

    def _collect(self, connection: Connection) -> list[MetricFamily]:
        stored = [family for reader in self._readers() for family in reader(connection)]
        kinds, now_ms = self._context.outbox.adapters, self._context.clock.now_ms()
        return [
            *read_backlog(connection, kinds, now_ms),
            *stored,
            *read_disk(self._context.settings.database),
        ]

    def _own(self) -> Iterable[MetricFamily]:
        database, settings = self._context.database, self._context.settings
        is_up = self._answers and not database.outage
        yield _build_info(make_url(settings.database).get_backend_name())
        yield gauge(
            "tallystick_database_up",
            "1 if the database answers and stores, else 0.",
            int(is_up),
            joined="min",
        )
        yield gauge("tallystick_log_queue", "Writes that wait to be on disk.", database.waiting)
        yield gauge(
            "tallystick_log_queue_limit",
            "Writes that may wait; an event beyond it gets a 503.",
            settings.queue,
        )
        yield MetricFamily(
            "histogram",
            "tallystick_commit_seconds",
            "Time of a transaction that writes, until it is on disk.",
            (),
            {(): [*database.commit_times.counts]},
        )
        yield gauge(
            "tallystick_last_pruning_timestamp_seconds",
            "Time at which this process last looked for events over the retention.",
            self._retention.last_pruned_s,
            joined="max",
        )


@cache
def _build_info(database: str) -> MetricFamily:
    labels = ("version", "python_version", "database")
    found = (version("tallystick"), platform.python_version(), database)
    samples: dict[tuple[str, ...], int] = {found: 1}
    return MetricFamily(
        "gauge", "tallystick_build_info", "What runs; the value is 1.", labels, samples, "max"
    )
