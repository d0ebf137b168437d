"""`tallystick clients` writes a package, or says why it can't."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tallystick.clients import list_languages


def tallystick(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Call the command."""
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "clients", *arguments],
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not shutil.which("java"), reason="clients are NOT tested: java is missing")
def test_the_command_writes_a_package(tmp_path: Path) -> None:
    done = tallystick("go", "--api", "event_store", "--out", str(tmp_path / "new/client"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "func (c *Client) CreateEvent(" in (tmp_path / "new/client/client.go").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            ("cobol", "--api", "event_store"),
            f"cobol: choose one of {', '.join(list_languages())}",
        ),
        (("go", "--api", "gateway"), "gateway: choose one of charon, event_store, eventgrid"),
    ],
)
def test_what_there_is_no_client_for_is_told(
    arguments: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    done = tallystick(*arguments, "--out", str(tmp_path))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert reason in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "give either --api or --contract"),
        (("--api", "charon", "--contract", "crm.yaml"), "give either --api or --contract"),
        (("--contract", "nowhere.yaml"), "nowhere.yaml:1: there is no such file"),
    ],
)
def test_one_contract_is_asked_for_and_must_be_there(
    arguments: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    done = tallystick("go", *arguments, "--out", str(tmp_path))
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert reason in done.stderr


FILES = """
openapi: 3.0.3
info: {title: Files, version: '1'}
paths:
  /files:
    post:
      requestBody: {content: {text/csv: {schema: {type: string}}}}
      responses: {'204': {description: Kept.}}
"""


def test_a_contract_without_an_operation_for_a_client_is_refused_with_the_reasons(
    tmp_path: Path,
) -> None:
    contract = tmp_path / "files.yaml"
    contract.write_text(FILES, encoding="utf-8")

    done = tallystick("go", "--contract", str(contract), "--out", str(tmp_path / "client"))

    assert done.returncode == 2
    assert "POST /files is left out: its body is text/csv, not JSON" in done.stderr


def test_a_missing_java_is_told(tmp_path: Path) -> None:
    done = tallystick("go", "--api", "event_store", "--out", str(tmp_path), PATH="")
    assert done.returncode == 2
    assert "runs on Java 11 or later, and there is no `java`" in done.stderr
