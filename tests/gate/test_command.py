"""`tallystick verify` as its user meets it: its exit codes and what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.gate import command as gate
from tallystick.gate.reports import OF_SERVERS


def command(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "verify", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env=own,
        timeout=60,
        check=False,
    )


@pytest.mark.usefixtures("few")
def test_a_server_that_conforms_is_exit_code_0_with_every_report(
    server: ServerProcess, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [f"{kind}=out/report.{kind}" for kind in OF_SERVERS]
    assert gate.verify(server.url, reports, (), (), api=["charon"]) == 0
    assert f"{server.url} conforms" in capsys.readouterr().out
    written = {file.suffix for file in (folder / "out").iterdir()}
    assert written == {".junit", ".html", ".sarif"}


@pytest.mark.usefixtures("few", "folder")
def test_a_server_that_does_not_is_exit_code_1_with_a_command_that_shows_it(
    stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.verify(stub.url, (), (), (), api=["event_store"]) == 1
    told = capsys.readouterr().out
    line = re.search(r"^  (curl -i .*)$", told, re.MULTILINE)
    assert line is not None
    again = subprocess.run(["bash", "-c", line[1]], capture_output=True, text=True, check=False)
    assert "200 OK" in again.stdout
    assert re.search(r"^contract: openapi/event_store\.yaml:\d+$", told, re.MULTILINE)
    assert re.search(r"^vector: contract_tests/vectors/event_store/.*:\d+$", told, re.MULTILINE)
    assert re.search(r"^vendor's page: event_store.txt:\d+$", told, re.MULTILINE)


def test_no_server_is_exit_code_2(tmp_path: Path) -> None:
    run = command("http://127.0.0.1:9", "--api", "event_store", folder=tmp_path)
    assert run.returncode == 2
    assert "can't be reached" in run.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("ftp://127.0.0.1",),
        ("http://127.0.0.1:9", "--api", "nothing"),
        ("http://127.0.0.1:9", "--budget", "huge"),
        ("http://127.0.0.1:9", "--report", "pdf=x.pdf"),
        ("http://127.0.0.1:9", "--credential", "event_store.nothing=1"),
        ("http://127.0.0.1:9", "--known", "eventhos.nothing=1"),
        ("http://127.0.0.1:9", "--baseline", "there-is-none"),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(options: tuple[str, ...], tmp_path: Path) -> None:
    run = command(*options, folder=tmp_path)
    assert run.returncode == 2, run.stdout
    assert run.stderr.startswith("tallystick: ") or "can't be reached" in run.stdout
    assert "Traceback" not in run.stderr
