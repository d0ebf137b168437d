"""All metrics: documented, named as Prometheus advises, and there while the database is away."""

from __future__ import annotations

import asyncio
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Connection

from project import ROOT
from tallystick import server_metrics
from tallystick.metric_family import MetricFamily
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

QUIET: dict[str, Any] = {"dev": True, "access_log": False}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def made(tmp_path: Path, **settings: Any) -> ServerRuntime:
    database = f"sqlite:///{tmp_path / 'tallystick.db'}"
    return ServerRuntime(Settings(**QUIET, **{"database": database, **settings}))


def values(families: list[MetricFamily]) -> dict[str, Any]:
    return {f.name: f.samples.get((), f.samples) for f in families}


def table(families: list[MetricFamily]) -> str:
    rows = [
        f"| `{f.name}` | {f.kind} | {', '.join(f'`{label}`' for label in f.labels)} "
        f"| {f.description} |"
        for f in families
    ]
    return "\n".join(["| metric | kind | labels | what it is |", "|---|---|---|---|", *rows])


async def test_every_metric_is_documented(tmp_path: Path) -> None:
    runtime = made(tmp_path)
    async with runtime.opened():
        families = await runtime.metrics.families()
    assert table(families) in (ROOT / "docs/metrics.md").read_text("utf-8")


async def test_names_have_units_and_endings_as_prometheus_advises(tmp_path: Path) -> None:
    runtime = made(tmp_path)
    async with runtime.opened():
        written = (await runtime.metrics.write()).decode()
    kinds = dict(re.findall(r"^# TYPE (\S+) (\S+)$", written, re.MULTILINE))
    told = re.findall(r"^# HELP (\S+) \S.*$", written, re.MULTILINE)
    assert list(kinds) == told
    for name, kind in kinds.items():
        assert re.fullmatch(r"(tallystick|process)(_[a-z]+)+", name)
        assert name.endswith("_total") == (kind == "counter"), name
        assert name.endswith("_seconds") or kind != "histogram", name
        assert not re.search(r"_(ms|milliseconds|minutes|kilobytes|count|sum|bucket)(_|$)", name)
    assert list(text_string_to_metric_families(written))


async def test_a_well_server_says_so(tmp_path: Path) -> None:
    runtime = made(tmp_path, retention_count=5)
    async with runtime.opened():
        while runtime.retention.last_pruned_s is None:
            await asyncio.sleep(0.01)
        found = values(await runtime.metrics.families())
    assert found["tallystick_database_up"] == 1
    assert found["tallystick_log_queue_limit"] == 10_000
    assert found["tallystick_commit_seconds"][-1] > 0
    assert found["tallystick_last_pruning_timestamp_seconds"] > 1_700_000_000
    assert 0 < found["tallystick_disk_free_bytes"] < found["tallystick_disk_size_bytes"]
    assert found["tallystick_deliveries"]["eventhos", "dead"] == 0
    [(labels, one)] = found["tallystick_build_info"].items()
    assert (labels[-1], one) == ("sqlite", 1)


async def test_a_database_that_is_away_is_zero_and_the_counters_go_on(tmp_path: Path) -> None:
    runtime = made(tmp_path, fault="away")
    async with runtime.opened():
        found = values(await runtime.metrics.families())
    assert found["tallystick_database_up"] == 0
    assert "tallystick_deliveries" not in found
    assert "tallystick_requests_total" in found


async def test_a_database_that_says_nothing_is_waited_for_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_metrics, "READ_S", 0.05)
    answered, asked = threading.Event(), []

    def wait(_connection: Connection) -> list[MetricFamily]:
        asked.append(1)
        answered.wait()
        return []

    runtime = made(tmp_path)
    async with runtime.opened():
        runtime.services["charon"].read_metrics = wait  # type: ignore[attr-defined]  # its own
        scrapes = [runtime.metrics.families() for _ in range(20)]
        try:
            for found in await asyncio.gather(*scrapes):
                assert values(found)["tallystick_database_up"] == 0
        finally:
            answered.set()
        assert len(asked) == 1
