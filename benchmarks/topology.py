"""Measure keyastrom with many hosts: their import, a selector for one, and an event on all.

Beside the import and the event another client sends events; its waits are what others notice.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from server_process import ServerProcess

HOSTS = 100_000
EVERY_S = 0.02
SELECTED = 50
KEYASTROM = {"Authorization": "Api-Token dt0c01.abc123.abcdefjhij1234567890"}
EVENT_STORE = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "525060831330", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}


def main() -> None:
    """Print a line for each of the three."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.topology", description=__doc__)
    parser.add_argument("--hosts", type=int, default=HOSTS)
    hosts: int = parser.parse_args().hosts
    with tempfile.TemporaryDirectory() as name:
        server = ServerProcess(folder=Path(name)).start()
        try:
            measure_import(server, hosts, Path(name) / "topology.json")
            measure_selector(server.url, hosts)
            measure_ingest(server.url)
        finally:
            server.stop()


def measure_import(server: ServerProcess, hosts: int, file: Path) -> None:
    """Import hosts by the command line, beside the running server."""
    entities = [describe_host(number) for number in range(hosts)]
    file.write_text(json.dumps({"entities": entities}), encoding="utf-8")
    command = [sys.executable, "-m", "tallystick", "entities", "import", str(file)]
    command += ["--database", f"sqlite:///{server.database}"]
    with another_client(server.url) as waits:
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, timeout=600)
        took = time.perf_counter() - began
    print(f"import of {hosts:,} hosts: {took:.1f} s; {tell_waits(waits)}", flush=True)


def describe_host(number: int) -> dict[str, object]:
    """Return a host of a topology file."""
    return {
        "id": f"HOST-{number:016X}",
        "type": "HOST",
        "name": f"host-{number}",
        "tags": [f"env:{'prod' if number % 10 else 'test'}", f"team:{number % 50}"],
        "attributes": {"osType": "LINUX" if number % 3 else "WINDOWS", "cpuCores": number % 64},
    }


def measure_selector(url: str, hosts: int) -> None:
    """Select single hosts by their names."""
    times = []
    with requests.Session() as session:
        for number in range(SELECTED):
            name = f"host-{number * hosts // SELECTED}"
            query = {"entitySelector": f"type(HOST),entityName.equals({name})"}
            began = time.perf_counter()
            found = session.get(
                f"{url}/api/v2/entities", params=query, headers=KEYASTROM, timeout=60
            )
            times.append((time.perf_counter() - began) * 1_000)
            assert found.json()["totalCount"] == 1
    print(f"a selector for one of them: {tell_waits(times)}", flush=True)


def measure_ingest(url: str) -> None:
    """Have one event on all hosts."""
    event = {"eventType": "ERROR_EVENT", "title": "Power lost", "entitySelector": "type(HOST)"}
    ingest = f"{url}/api/v2/events/ingest"
    with another_client(url) as waits:
        began = time.perf_counter()
        answer = requests.post(ingest, json=event, headers=KEYASTROM, timeout=600)
        took = time.perf_counter() - began
    count = answer.json().get("reportCount")
    print(f"an event on all ({answer.status_code}, {count:,}): {took:.1f} s; {tell_waits(waits)}")


@contextmanager
def another_client(url: str) -> Iterator[list[float]]:
    """Send an event every `EVERY_S` meanwhile; the list has the ms that each answer took."""
    stopped, waits = threading.Event(), list[float]()

    def send() -> None:
        with requests.Session() as session:
            while not stopped.wait(EVERY_S):
                began = time.perf_counter()
                sent = session.post(f"{url}/create", json=EVENT, headers=EVENT_STORE, timeout=60)
                sent.raise_for_status()
                waits.append((time.perf_counter() - began) * 1_000)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield waits
    finally:
        stopped.set()
        sender.join(timeout=60)


def tell_waits(waits: list[float]) -> str:
    """Return the median, the 99th of a hundred and the longest."""
    ordered = sorted(waits)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    words = f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {ordered[-1]:.0f} ms"
    return f"{words} of {len(ordered)} answers"


if __name__ == "__main__":
    main()
