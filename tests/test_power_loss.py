"""A power cut takes nothing that was acknowledged: it was on disk before the answer was sent."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import requests

from reliability import Figures, scaled
from server_process import THIS_PYTHON, ServerProcess

EVENTS = scaled(20, 1_000)
LOG = re.compile(r"f(?:data)?sync\(\d+<[^>]*tallystick\.db-wal>")
SYNCED = re.compile(LOG.pattern + r"\) += 0$")
RESUMED = re.compile(r"f(?:data)?sync resumed>\) += 0$")
ANSWERED = re.compile(r'"HTTP/1\.1 200 ')
CREATE = "/create?cl=EDF&hs=AWS&ty=START_EC2&ac=525060831330&re=eu-west-3&st=OK&me=Successful"


@pytest.mark.skipif(not shutil.which("strace"), reason="strace is missing")
@pytest.mark.reliability("Power loss")
def test_the_system_says_that_an_event_is_on_disk_before_it_is_acknowledged(
    tmp_path: Path, figures: Figures
) -> None:
    trace = tmp_path / "calls.txt"
    traced = ("strace", "-D", "-f", "-y", "-qq", "-s", "20", "-o", str(trace))
    calls = ("-e", "trace=fsync,fdatasync,write,writev,sendto,sendmsg")
    server = ServerProcess(folder=tmp_path, command=(*traced, *calls, *THIS_PYTHON)).start()
    with requests.Session() as session:
        session.headers["x-api-key"] = "XXX1XX12XxxxXXxxXXx0xXxx"
        statuses = [session.get(server.url + CREATE).status_code for _ in range(EVENTS)]
    server.stop()

    assert statuses == [200] * EVENTS
    seen = steps(trace.read_text(encoding="utf-8"))
    assert seen.count("answered") == EVENTS
    assert "answered, answered" not in ", ".join(seen)
    figures.note(acknowledged=EVENTS, synced_before=seen.count("answered"))


def steps(trace: str) -> list[str]:
    """Return what the program did, in order: ``synced`` and ``answered``."""
    found: list[str] = []
    syncing = set()
    for line in trace.splitlines():
        thread, _, call = line.partition(" ")
        if "unfinished" in call and LOG.search(call):
            syncing.add(thread)
        is_resumed = thread in syncing and RESUMED.search(call)
        if is_resumed or SYNCED.search(call):
            syncing.discard(thread)
            found.append("synced")
        elif ANSWERED.search(call):
            found.append("answered")
    return found
