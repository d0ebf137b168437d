"""Measure starts beside other programs: ``python -m benchmarks.start``.

Each is started anew in every round, one after the other, and its CPU time is read as it has given
its first answer. A command that ends is measured whole.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks import process
from benchmarks.peer_servers import says_anything
from benchmarks.programs import FASTAPI, NODE_TOOLS, PEERS_PYTHON, PRISM

_CONTRACT = Path("examples/crm/crm.yaml")


class Start(NamedTuple):
    """What is started, and what its CPU time is compared with."""

    name: str
    command: tuple[str, ...]
    """``PORT`` stands for the port; without it the command ends by itself."""
    beside: str = ""


class Cost(NamedTuple):
    """What one start took."""

    cpu_s: float
    resident_mb: float
    """At the first answer; of a command that ends, the most it held."""


def main() -> None:
    """Measure and print the table."""
    options = _options()
    starts = _starts(options.python)
    costs: dict[str, list[Cost]] = {start.name: [] for start in starts}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.rounds):
            for start in starts:
                costs[start.name].append(_cost(start, Path(folder)))
    lowest = {name: min(found) for name, found in costs.items()}
    print("| start | CPU s | resident MB | |\n|---|--:|--:|---|")
    for start in starts:
        print(_row(start, lowest))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each is started")
    parser.add_argument("--python", default=sys.executable, help="which has Tallystick installed")
    return parser.parse_args()


def _starts(python: str) -> list[Start]:
    prism, peer = str(NODE_TOOLS.resolve() / "prism"), str(PEERS_PYTHON.absolute())
    contract = str(_CONTRACT.resolve())
    ours = (python, "-m", "tallystick")
    return [
        Start(PRISM, (prism, "mock", contract, "-p", "PORT", "-v", "silent")),
        Start("mock --contract", (*ours, "mock", "--contract", contract, "--port", "PORT"), PRISM),
        Start(FASTAPI, (peer, "-m", "benchmarks.peers.by_fastapi", "PORT")),
        Start("serve --dev", (*ours, "serve", "--dev", "--port", "PORT"), FASTAPI),
        Start("mock", (*ours, "mock", "--port", "PORT")),
        Start("keys list", (*ours, "keys", "list")),
        Start("--help", (*ours, "--help")),
    ]


def _cost(start: Start, folder: Path) -> Cost:
    database = f"sqlite:///{folder}/tallystick.db"
    env = {"TALLYSTICK_DATABASE": database, "PYTHONPATH": str(Path.cwd())}
    if "PORT" not in start.command:
        return _cost_of_command(start.command, env)
    port = process.free_port()
    command = [str(port) if word == "PORT" else word for word in start.command]
    with process.serving(command, env, folder, port, says_anything) as server:
        return Cost(process.cpu_seconds(server.pid), process.resident_mb(server.pid))


def _cost_of_command(command: tuple[str, ...], env: Mapping[str, str]) -> Cost:
    with subprocess.Popen(
        command, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as child:
        used = os.wait4(child.pid, 0)[2]
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _row(start: Start, lowest: Mapping[str, Cost]) -> str:
    cost = lowest[start.name]
    times = (
        f"{cost.cpu_s / lowest[start.beside].cpu_s:.2f} × {start.beside}" if start.beside else ""
    )
    return f"| {start.name} | {cost.cpu_s:.2f} | {cost.resident_mb:.0f} | {times} |"


if __name__ == "__main__":
    main()
