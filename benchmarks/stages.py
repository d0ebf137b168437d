"""Where the time of one event POST goes, stage by stage: ``python -m benchmarks.stages``."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks import load, sampled, work
from benchmarks.process import cpu_seconds, free_port, serving
from benchmarks.programs import WARM_UP_S
from benchmarks.rounds import QUIET

SECONDS = int(os.environ.get("SECONDS_OF_LOAD", "15"))
WRITER = "group commit: its own thread"
OTHERS = "other threads"


def main() -> None:
    """Print a line a stage, and the sum, which is what the kernel says."""
    _, generate = load.generator()
    with tempfile.TemporaryDirectory(prefix="tallystick-profile-") as name:
        folder, port = Path(name), free_port()
        samples = folder / "samples.json"
        env = {**QUIET, "SAMPLES": str(samples)}
        first = work.create()
        with serving(_command(port, folder), env, folder, port, first.succeeds) as server:
            event = work.send(work.token(server.url))
            generate(server.url, event, WARM_UP_S)
            before = cpu_seconds(server.pid)
            os.kill(server.pid, signal.SIGUSR1)
            sent = generate(server.url, event, SECONDS)
            os.kill(server.pid, signal.SIGUSR1)
            cost = (cpu_seconds(server.pid) - before) / sent.requests * 1e6
            report = _wait_for(samples)
        _show({stage: s / sent.requests * 1e6 for stage, s in _stages(report).items()}, cost)


def _command(port: int, folder: Path) -> list[str]:
    database = f"sqlite:///{folder}/tallystick.db"
    serve = ["serve", "--dev", "--port", str(port), "--database", database]
    return [sys.executable, "-m", "benchmarks.sampled", *serve]


def _wait_for(file: Path) -> dict[str, Any]:
    while not file.exists():
        time.sleep(0.05)
    time.sleep(0.2)
    report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return report


def _stages(report: dict[str, Any]) -> dict[str, float]:
    """Seconds by stage; what the samples missed of the main thread goes to all in proportion."""
    main_thread = report["threads"].pop("MainThread")
    scale = main_thread / sum(report["main"].values())
    order = dict.fromkeys(["event loop, sockets", *(stage for _, stage in _in_order())])
    stages = {stage: report["main"].get(stage, 0.0) * scale for stage in order}
    stages[WRITER] = report["threads"].pop("tallystick-writer", 0.0)
    stages[OTHERS] = sum(report["threads"].values())
    return stages


def _in_order() -> list[tuple[str, str]]:
    """The stages in the order in which a request meets them."""
    return [sampled.STAGES[-1], *sampled.STAGES[:-1]]


def _show(costs: dict[str, float], cost: float) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column("stage", no_wrap=True)
    table.add_column("CPU µs", justify="right")
    table.add_column("share", justify="right")
    for stage, each in costs.items():
        table.add_row(stage, f"{each:.1f}", f"{each / cost:.0%}")
    table.add_row("all, as the kernel counts", f"{cost:.1f}", "100%")
    Console(width=None if sys.stdout.isatty() else 100).print(table)


if __name__ == "__main__":
    main()
