"""A command that could not run ends with 2, and says why."""

from __future__ import annotations

import pytest

from command_line import tallystick

LINES = (
    "",
    "--unknown",
    "unknown",
    "keys",
    "keys unknown",
    "keys create event_store --unknown",
    "keys create unknown",
    "keys list --database nonsense",
    "serve --port many",
    "serve --port 65536",
    "serve --port 0 --database nonsense",
    "serve --dev --host 0.0.0.0",
    "mock --world nowhere.yaml",
    "mock --host 0.0.0.0",
    "proxy",
    "proxy --upstream nowhere",
    "worker --database sqlite://",
    "worker --database nonsense",
    "verify",
    "verify nowhere",
    "verify http://127.0.0.1:9 --budget unknown",
    "verify http://127.0.0.1:9 --seed -1",
    "diff nowhere.yaml nowhere.yaml",
    "clients unknown --api event_store --out client",
    "clients python --api unknown --out client",
    "entities import nowhere.yaml",
    "secrets",
    "secrets rotate --database nonsense",
    "secrets rotate --database sqlite://",
    "secrets rotate --database sqlite:///nowhere.db",
    "secrets rotate --database postgresql://127.0.0.1:9/none",
    "check --unknown",
    "serve --port 0 --database sqlite:////dev/null/folder/tallystick.db",
    "keys list --database sqlite:////dev/null/folder/tallystick.db",
    "clients python --api event_store --out /dev/null/folder",
    "diff openapi openapi --report junit=/dev/null/folder/report.xml",
    "charon exec",
)


@pytest.mark.parametrize("line", LINES)
def test_a_command_that_could_not_run_ends_with_2_and_says_why(line: str) -> None:
    ran = tallystick(*line.split())

    assert ran.returncode == 2
    assert ran.stdout + ran.stderr != ""
    assert "Traceback" not in ran.stderr
