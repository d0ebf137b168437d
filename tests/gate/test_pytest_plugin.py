"""pytest's plugin judges a server in a suite of other people's tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gate.in_ci import FEW, run
from gate.stub import Stub
from server_process import ServerProcess


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of somebody's tests, and what they tell of their server."""
    (tmp_path / "tallystick.toml").write_text("[verify]\nsafe = true\n")
    (tmp_path / "conftest.py").write_text(FEW)
    return tmp_path


def test_pytest_judges_a_server_that_conforms(server: ServerProcess, suite: Path) -> None:
    options = ("--tallystick-url", server.url, "--tallystick-api", "charon")
    done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 passed" in done.stdout, done.stdout


def test_pytest_fails_for_a_server_that_does_not(suite: Path) -> None:
    with Stub().running() as stub:
        options = ("--tallystick-url", stub.url, "--tallystick-api", "charon")
        done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 failed" in done.stdout, done.stdout
    assert "curl -i" in done.stdout
    assert "Traceback" not in done.stdout


CRM = """\
openapi: 3.1.0
info: {title: CRM, version: '1'}
security: [{crmKey: []}]
paths:
  /customers:
    get:
      operationId: listCustomers
      responses:
        '200': {description: It., content: {application/json: {schema: {required: [items]}}}}
        '401': {description: No., content: {application/json: {schema: {required: [code]}}}}
components: {securitySchemes: {crmKey: {type: apiKey, in: header, name: X-Key}}}
"""
TOLD = """\
[verify]
contracts = ["crm.yaml", "shop.yaml"]
baseline = "known.txt"
credentials = {crm.crmKey = "a", shop.shopKey = "b"}
"""


def test_several_contracts_share_a_file_of_settings_and_a_baseline(suite: Path) -> None:
    (suite / "crm.yaml").write_text(CRM)
    (suite / "shop.yaml").write_text(CRM.replace("crm", "shop"))
    (suite / "tallystick.toml").write_text(TOLD)
    (suite / "known.txt").write_text("crm *: *\nshop *: *\ncrm vector: it is gone\n")
    with Stub().running() as stub:
        options = ("--tallystick-url", stub.url)
        done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 failed, 1 passed" in done.stdout, done.stdout
    assert "error  baseline known: crm vector: it is gone" in done.stdout


def test_what_can_not_be_judged_is_told_in_words(suite: Path) -> None:
    command = (sys.executable, "-m", "pytest", "--tallystick-url", "http://127.0.0.1:9")
    done = run(*command, "--tallystick-budget", "fast", folder=suite)
    assert "ERROR: unknown budget fast: choose one of quick, normal, thorough" in done.stderr
    (suite / "crm.yaml").write_text(CRM)
    told = TOLD.replace("shop.yaml", "gone.yaml").replace("known.txt", "gone.txt")
    (suite / "tallystick.toml").write_text(told)
    done = run(*command, folder=suite)
    assert "gone.yaml:1: there is no such file" in done.stdout
    assert "can't use gone.txt: No such file or directory" in done.stdout
    assert "Traceback" not in done.stdout


def test_pytest_without_a_server_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    assert "1 passed" in run(sys.executable, "-m", "pytest", folder=tmp_path).stdout
