"""A server's processes, as the kernel accounts for them; Linux only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 15.0


class NotServing(Exception):
    """A program ended, or did not answer."""


class Serving:
    """A program that has answered its first request."""

    def __init__(self, process: subprocess.Popen[bytes], url: str, first_answer_s: float) -> None:
        self._process = process
        self.pid = process.pid
        self.url = url
        self.first_answer_s = first_answer_s
        """From its start to its first answer to real work."""

    @property
    def running(self) -> bool:
        """Whether it has not ended by itself."""
        return self._process.poll() is None


@contextmanager
def serving(
    command: Sequence[str],
    env: Mapping[str, str],
    folder: Path,
    port: int,
    answers: Callable[[str], bool],
) -> Iterator[Serving]:
    """Start a program, wait until it answers at its URL, and stop it in the end."""
    with (folder / "output.txt").open("wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=output, env={**os.environ, **env})
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(process, url, answers, folder / "output.txt")
            yield Serving(process, url, time.perf_counter() - started)
        finally:
            _stop(process)


def _wait(
    process: subprocess.Popen[bytes], url: str, answers: Callable[[str], bool], output: Path
) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if answers(url):
                return
        except OSError:
            time.sleep(0.005)
    process.kill()
    raise NotServing(output.read_text(encoding="utf-8", errors="replace")[-2_000:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def cpu_seconds(pid: int) -> float:
    """CPU time so far of a process and all that it has started, in user space and the kernel."""
    return sum(_cpu_ticks(each) for each in _family(pid)) / _TICKS


def resident_mb(pid: int) -> float:
    """Memory that a process and all that it has started hold."""
    return sum(_resident_kb(each) for each in _family(pid)) / 1024


def _family(pid: int) -> set[int]:
    family = {pid}
    parents = sorted(_parents())  # a child's id is greater than its parent's, but for a wrap
    for child, parent in parents:
        if parent in family:
            family.add(child)
    return family


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may have ended meanwhile
            yield int(folder.name), int(_fields(int(folder.name))[1])


def _fields(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name, which may have spaces."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()


def _cpu_ticks(pid: int) -> int:
    # utime, stime, and both of the children that have ended.
    return sum(int(ticks) for ticks in _fields(pid)[11:15])


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next((each for each in status.splitlines() if each.startswith("VmRSS:")), "VmRSS: 0")
    return int(line.split()[1])
