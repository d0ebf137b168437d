"""`tallystick verify` as its user meets it: its exit codes and what it prints."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from gate.stub import Stub
from project import ROOT
from server_process import ServerProcess
from tallystick.gate import command as gate
from tallystick.gate.reports import OF_SERVERS


@pytest.mark.usefixtures("few")
def test_a_server_that_conforms_is_exit_code_0_with_every_report(
    server: ServerProcess, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [f"{kind}=out/report.{kind}" for kind in OF_SERVERS]
    assert gate.verify(server.url, reports, (), (), api=["charon"]) == 0
    assert f"{server.url} conforms" in capsys.readouterr().out
    written = {file.suffix for file in (folder / "out").iterdir()}
    assert written == {".junit", ".html", ".sarif"}


def list_places(report: Path) -> list[str]:
    """Return the files that a report of SARIF points at."""
    return [
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(report.read_text())["runs"][0]["results"]
        for place in result["locations"]
    ]


@pytest.mark.usefixtures("few")
def test_a_report_points_at_copies_beside_it(stub: Stub, folder: Path) -> None:
    check = "event_store log: what POST /create *"
    assert gate.verify(stub.url, ["sarif=out/x.sarif"], (), (), check=[check]) == 1
    places = list_places(folder / "out" / "x.sarif")
    assert places == ["tallystick-sources/openapi/event_store.yaml"]
    copied = (folder / "out" / places[0]).read_text()
    assert copied == (ROOT / "openapi" / "event_store.yaml").read_text()


@pytest.mark.usefixtures("few")
def test_a_report_points_at_your_own_contract_where_it_is(stub: Stub, folder: Path) -> None:
    (folder / "api").mkdir()
    shutil.copy(Path(__file__).with_name("customers.yaml"), folder / "api")
    code = gate.verify(
        stub.url,
        ["sarif=out/x.sarif"],
        ["customerKey=key"],
        (),
        contract=["api/customers.yaml"],
        suite=["access"],
    )
    assert code == 1
    assert set(list_places(folder / "out" / "x.sarif")) == {"api/customers.yaml"}


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
