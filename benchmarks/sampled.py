"""`tallystick`, telling in the end where its CPU time went: ``python -m benchmarks.sampled serve``.

A timer interrupts the process for every few milliseconds of CPU time; the function that the main
thread is in then counts for the CPU time that the thread has had since. So the parts add up to what
the kernel charges, and nothing is slowed down.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

OTHER = "start and other"
INTERVAL_S = 0.001

_LOOP = "event loop, sockets"
_HTTP = "HTTP: uvicorn, httptools"
STAGES = (
    ("contract/routes.py", "route"),
    ("contract/security.py", "credential"),
    ("apis/eventhos/tokens.py", "credential"),
    ("contract/parameters.py", "parameters"),
    ("contract/query_string.py", "parameters"),
    ("contract/body.py:read", "body: read"),
    ("contract/json_text.py", "body: parse"),
    ("contract/schema.py", "validate"),
    ("contract/body.py", "validate"),
    ("events/log.py", "append: hand over, wake up"),
    ("store/", "append: hand over, wake up"),
    ("handlers/", "handler and service"),
    ("events/", "handler and service"),
    ("apis/", "handler and service"),
    ("contract/compiled.py:write", "answer: encode"),
    ("contract/compiled.py:encode", "answer: encode"),
    ("access_log.py", "telemetry"),
    ("metrics.py", "telemetry"),
    ("contract/", "plan: what joins the stages"),
    ("tallystick/uvicorn_protocol.py", _HTTP),
    ("tallystick/bounded_protocol.py", _HTTP),
    ("uvicorn/", _HTTP),
)
"""Part of a frame's file and function → the stage that its time counts for.

The innermost frame that is named here decides.
"""


class Samples:
    """CPU time of the main thread by stage, once `start` was called."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._stages: dict[Any, str | None] = {}
        self._last = 0.0

    def start(self) -> None:
        """Begin to sample the thread that calls."""
        self._last = time.thread_time()
        signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)

    def stop(self) -> None:
        """End sampling."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _sample(self, _number: int, frame: FrameType | None) -> None:
        now = time.thread_time()
        self.seconds[self._stage(frame)] += now - self._last
        self._last = now

    def _stage(self, frame: FrameType | None) -> str:
        while frame is not None:
            code = frame.f_code
            if code not in self._stages:
                self._stages[code] = _stage_of(f"{code.co_filename}:{code.co_name}")
            if stage := self._stages[code]:
                return stage
            frame = frame.f_back
        return _LOOP


def _stage_of(place: str) -> str | None:
    return next((stage for part, stage in STAGES if f"/{part}" in place), None)


def main() -> None:
    """Run the program; write the samples between two SIGUSR1 to the file of `SAMPLES`."""
    from tallystick.cli import main as run

    samples = Samples()
    threads: list[dict[str, float]] = []

    def toggle(_number: int, _frame: FrameType | None) -> None:
        threads.append(_thread_seconds())
        if len(threads) == 1:
            samples.start()
            return
        samples.stop()
        spent = {n: s - threads[0].get(n, 0.0) for n, s in threads[1].items()}
        report = {"main": samples.seconds, "threads": spent}
        Path(os.environ["SAMPLES"]).write_text(json.dumps(report), encoding="utf-8")

    signal.signal(signal.SIGUSR1, toggle)
    sys.argv[0] = "tallystick"
    run()


def _thread_seconds() -> dict[str, float]:
    ticks = os.sysconf("SC_CLK_TCK")
    seconds: defaultdict[str, float] = defaultdict(float)
    for thread in threading.enumerate():
        stat = Path(f"/proc/self/task/{thread.native_id}/stat").read_text(encoding="utf-8")
        fields = stat.rpartition(")")[2].split()
        seconds[thread.name] += (int(fields[11]) + int(fields[12])) / ticks
    return seconds


if __name__ == "__main__":
    main()
