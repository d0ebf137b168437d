"""Under a steady load the service takes no more memory, files or time the longer it runs."""

from __future__ import annotations

import statistics
import threading
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import requests

from reliability import Figures, scaled
from server_process import ServerProcess, StartServer

PEAK_S = scaled(2, 20)
STEADY_S = scaled(8, 1_800)
SAMPLES = 12
SHARE = 0.7
SENDERS = 4
SETTLED_WITHIN_S = 30.0
MEMORY_GROWTH_MB = 30
SEND = "/event/send?event-identifier=new-bomb-k736k3hiW7"
EVENT = b'{"name":"Morpheush","job":"Leader","id":"199"}'
GATEWAY = {"Authorization": "Bearer dev-gateway-key"}


class Sample(NamedTuple):
    """What the process had at one moment."""

    memory_mb: float
    files: int


class Senders:
    """Threads that send events, each as fast as it is answered, or at a rate."""

    def __init__(self, url: str, rate_per_s: float | None = None) -> None:
        self._host = urlsplit(url).netloc
        self._headers = {"access-key": token(url), "Content-Type": "application/json"}
        self._pause_s = SENDERS / rate_per_s if rate_per_s else 0.0
        self._is_over = threading.Event()
        self._counts = [0] * SENDERS
        self._refused: list[int] = []
        self._threads = [threading.Thread(target=self._send, args=(n,)) for n in range(SENDERS)]

    def __enter__(self) -> Senders:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        for thread in self._threads:
            thread.join()
        assert self._refused == []

    @property
    def sent(self) -> int:
        """How many events were acknowledged."""
        return sum(self._counts)

    def _send(self, number: int) -> None:
        connection = HTTPConnection(self._host, timeout=30)
        due = time.monotonic()
        while not self._is_over.is_set():
            connection.request("POST", SEND, EVENT, self._headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                self._refused.append(answer.status)
                break
            self._counts[number] += 1
            due += self._pause_s
            self._is_over.wait(max(0.0, due - time.monotonic()))
        connection.close()


@pytest.mark.reliability("Steady load at 70 % of the peak")
def test_memory_files_and_deliveries_stay_as_they_are(
    start_server: StartServer, figures: Figures
) -> None:
    server = start_server()
    peak = peak_per_s(server.url)

    with Senders(server.url, SHARE * peak) as senders:
        samples = [sample_after(STEADY_S / SAMPLES, server) for _ in range(SAMPLES)]
    settled_s = seconds_until_settled(server.url)

    early, late = samples[SAMPLES // 3 : SAMPLES // 2], samples[-SAMPLES // 6 :]
    memory = [statistics.median(s.memory_mb for s in part) for part in (early, late)]
    files = [statistics.median(s.files for s in part) for part in (early, late)]
    figures.note(
        events=senders.sent,
        rate=f"{SHARE * peak:.0f}/s for {STEADY_S} s",
        memory=f"{memory[0]:.0f} MB early, {memory[1]:.0f} MB late",
        files=f"{files[0]:.0f} early, {files[1]:.0f} late",
        delivered=f"{settled_s:.1f} s after the last event",
    )
    assert memory[1] < memory[0] + MEMORY_GROWTH_MB, samples
    assert files[1] < files[0] + SENDERS, samples


def peak_per_s(url: str) -> float:
    """Return how many events a second these senders can send."""
    with Senders(url) as senders:
        time.sleep(PEAK_S)
        return senders.sent / PEAK_S


def sample_after(seconds: float, server: ServerProcess) -> Sample:
    """Wait, and return what the process has then."""
    time.sleep(seconds)
    process = Path(f"/proc/{server.pid}")
    status = (process / "status").read_text(encoding="utf-8")
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return Sample(int(kilobytes) / 1024, len([*(process / "fd").iterdir()]))


def seconds_until_settled(url: str) -> float:
    """Return how long it took until nothing was waiting to be delivered."""
    began = time.monotonic()
    pending = {"state": "pending", "limit": "1"}
    while requests.get(
        f"{url}/gateway/v1/deliveries", params=pending, headers=GATEWAY, timeout=30
    ).json()["deliveries"]:
        assert time.monotonic() - began < SETTLED_WITHIN_S
        time.sleep(0.1)
    return time.monotonic() - began


def token(url: str) -> str:
    """Return a token of the dev world's client."""
    client = {"client_id": "dev-client", "client_secret": "dev-secret"}
    body = {"grant_type": "client_credentials", **client}
    answer = requests.post(f"{url}/auth/token", json=body, timeout=30)
    found: str = answer.json()["content"]["access_token"]
    return found
