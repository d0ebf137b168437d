"""``dt-async``, unmodified, with only base URL and token changed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from keyastrom_calls import TOKEN
from server_process import ServerProcess

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "dt_async_program.py"


@pytest.mark.vendor_client("dt-async")
def test_it_ingests_by_both_versions_and_tags_entities(server: ServerProcess) -> None:
    subprocess.run(["make", "-s", "build/dt-async"], cwd=ROOT, check=True)
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "build" / "dt-async")}
    command = [sys.executable, str(PROGRAM), server.url, TOKEN]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    printed = json.loads(ran.stdout)
    hosts = {"HOST-C10DB01257000001", "HOST-C10DB01257000002"}
    assert hosts <= set(printed.pop("entities"))
    assert {"stage:dev", "team:a"} <= set(printed.pop("tags"))
    assert printed == {
        "ingested": 2,
        "listed event": "CUSTOM_INFO",
        "pushed": 1,
        "tagged": 2,
        "untagged": 2,
    }
