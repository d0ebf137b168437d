"""A mock and a server of a contract of your own keep what is sent, whatever wraps it there."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.orders import CREDENTIALS, FOLDER
from gate.test_own_contract import failures, mocking
from generic.wrapped_contracts import WRAPPINGS, wrapped
from server_process import StartServer
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CONFORMS, VerifyRun

SECRETS = {"invoices": {"bearer": "x"}, "orders": CREDENTIALS}
SHAPES = ("data, flat request", "the name of the item, alike", "success")


def sequence(url: str, file: Path) -> VerifyRun:
    credentials = SECRETS.get(file.stem, {})
    told = Configuration(url, contracts=(str(file),), credentials=credentials)
    return runner.run_suites(told, suites=["sequence"])


@pytest.mark.parametrize("name", SECRETS)
def test_a_mock_keeps_the_sequences_of_a_contract(name: str) -> None:
    file = FOLDER / f"{name}.yaml"
    with mocking(file) as url:
        run = sequence(url, file)
    assert (failures(run), run.exit_code) == ([], CONFORMS)


def test_a_server_keeps_the_sequences_of_a_contract(start_server: StartServer) -> None:
    file = FOLDER / "invoices.yaml"
    server = start_server("--contract", str(file), "--key", "bearer=x")
    run = sequence(server.url, file)
    assert (failures(run), run.exit_code) == ([], CONFORMS)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_mock_keeps_the_sequences_whatever_wraps_an_item(shape: str, tmp_path: Path) -> None:
    file = tmp_path / "wrapped.yaml"
    file.write_text(wrapped(WRAPPINGS[shape]), encoding="utf-8")
    with mocking(file) as url:
        run = sequence(url, file)
    assert (failures(run), run.exit_code) == ([], CONFORMS)
