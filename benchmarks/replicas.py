"""What an event costs as servers and workers are added: ``python -m benchmarks.replicas``.

Servers, with a worker for each, share a PostgreSQL that is as durable as in service: on one
database, and beside it each on a database of its own, which shows what the machine's cores cost.
Each server has senders of its own, in a process of their own. There are three kinds of lines:
events at a rate that leaves cores free, stored alone or delivered to an endpoint on this machine as
well; and as many events as are taken.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import requests

from benchmarks import load, work
from benchmarks.delivery import running_sink
from benchmarks.process import cpu_seconds
from postgres import Cluster
from server_process import ServerProcess

GATEWAY = {"Authorization": "Bearer dev-gateway-key"}
WARM_UP_S = 1
SETTINGS = {
    "TALLYSTICK_ACCESS_LOG": "false",
    "TALLYSTICK_DELIVERY_NETWORKS": "127.0.0.0/8",
    "TALLYSTICK_SECRET_KEY": b64encode(bytes(32)).decode(),
}


class Case(NamedTuple):
    """How events are sent, and whether a subscription delivers them."""

    name: str
    pause_s: float
    is_delivered: bool


CASES = (
    Case("some, stored", 0.03, False),
    Case("some, delivered", 0.03, True),
    Case("all, stored", 0, False),
)


class Layout(NamedTuple):
    """How many databases there are, and how many servers are on each."""

    databases: int
    servers: int

    def __str__(self) -> str:
        return f"{self.servers} on {self.databases}"


LAYOUTS = (Layout(1, 1), Layout(2, 1), Layout(1, 2))


class Cost(NamedTuple):
    """What one round came to, with CPU times of an event in microseconds."""

    processes_us: float
    database_us: float
    rate: float
    p50_ms: float
    p99_ms: float


def main() -> None:
    """Print a line for each layout, the median of the rounds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replicas", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    options = parser.parse_args()
    names = ("CPU µs", "database", "rate", "p50 ms", "p99 ms")
    print(f"{'events':16} {'servers':>8} " + " ".join(f"{name:>8}" for name in names))
    with Cluster(real=True).running() as cluster, running_sink() as sink:
        for case in CASES:
            costs: dict[Layout, list[Cost]] = {layout: [] for layout in LAYOUTS}
            for layout in LAYOUTS * options.rounds:
                costs[layout].append(measure(cluster, layout, options.seconds, case, sink))
            for layout, rounds in costs.items():
                show(case.name, layout, rounds)


def show(name: str, layout: Layout, rounds: Sequence[Cost]) -> None:
    """Print the medians of a layout's rounds."""
    middle = Cost(*(statistics.median(values) for values in zip(*rounds, strict=True)))
    figures = " ".join(f"{each:8,.1f}" for each in middle)
    print(f"{name:16} {layout!s:>8} {figures}", flush=True)


def measure(cluster: Cluster, layout: Layout, seconds: int, case: Case, sink: int) -> Cost:
    """Send to new servers, until all is stored, and delivered if it is to be."""
    with ExitStack() as stack:
        pids, urls = [cluster.pid], []
        for _ in range(layout.databases):
            database = stack.enter_context(cluster.database())
            servers = [stack.enter_context(_server(database)) for _ in range(layout.servers)]
            workers = [stack.enter_context(_worker(database)) for _ in range(layout.servers)]
            if case.is_delivered:
                _subscribe(servers[0].url, sink)
            urls += [server.url for server in servers]
            pids += [server.pid for server in servers] + [worker.pid for worker in workers]
        senders = stack.enter_context(ProcessPoolExecutor(len(urls), get_context("spawn")))
        _send(senders, urls, WARM_UP_S, case.pause_s)
        began, before = time.perf_counter(), list(map(cpu_seconds, pids))
        sent = _send(senders, urls, seconds, case.pause_s)
        spent = [cpu_seconds(pid) - earlier for pid, earlier in zip(pids, before, strict=True)]
        count = sum(each.requests for each in sent)
        return Cost(
            sum(spent[1:]) / count * 1e6,
            spent[0] / count * 1e6,
            count / (time.perf_counter() - began),
            max(each.p50_ms for each in sent),
            max(each.p99_ms for each in sent),
        )


@contextmanager
def _server(database: str) -> Iterator[ServerProcess]:
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess("--database", database, folder=Path(folder), env=SETTINGS).start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def _worker(database: str) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tallystick", "worker", "--database", database]
    with subprocess.Popen(command, env=os.environ | SETTINGS, stderr=subprocess.DEVNULL) as process:
        try:
            yield process
        finally:
            process.terminate()


def _subscribe(url: str, sink: int) -> None:
    body = {"name": "all", "sink": f"http://127.0.0.1:{sink}/"}
    made = requests.post(f"{url}/gateway/v1/subscriptions", json=body, headers=GATEWAY, timeout=20)
    made.raise_for_status()


def _send(
    senders: ProcessPoolExecutor, urls: Sequence[str], seconds: int, pause_s: float
) -> list[load.Load]:
    """Send, and wait until what was sent is delivered."""
    works = [work.create()]
    calls = [
        senders.submit(load.paced, url, works, seconds, load.CONNECTIONS, pause_s) for url in urls
    ]
    sent = [call.result() for call in calls]
    for url, state in product(urls, ("pending", "leased")):
        listed = f"{url}/gateway/v1/deliveries?state={state}&limit=1"
        while requests.get(listed, headers=GATEWAY, timeout=20).json()["deliveries"]:
            time.sleep(0.1)
    return sent


if __name__ == "__main__":
    main()
