"""A thread of Schemathesis loads no module: Python 3.11 could fail to parse it there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gate.stub import Stub
from project import ROOT

PROGRAM = """
import sys, threading
from tallystick.contract_tests.fuzz import FuzzRun, judgements
from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.target_server import target_server

class Finder:
    def find_spec(self, name, path=None, target=None):
        thread = threading.current_thread()
        if thread is not threading.main_thread() and name.split(".")[0] in PLUGINS:
            print(name)

PLUGINS = ("hypothesis", "schemathesis")
sys.meta_path.insert(0, Finder())
told = Configuration(sys.argv[1], contracts=(sys.argv[2],))
with own_contracts(told):
    target = target_server(told)
    assert list(judgements("things", target.server, target.coverage, FuzzRun(2)))
"""
THINGS = """
openapi: 3.1.0
info: {title: Things, version: '1'}
components:
  schemas: {Thing: {type: object, required: [name], properties: {name: {type: string}}}}
paths:
  /things:
    post:
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'201': {description: Made.}, 4XX: {description: Refused.}}
    get:
      parameters: [{name: cursor, in: query, schema: {type: string, format: uuid}}]
      responses: {'200': {description: All.}, 4XX: {description: Refused.}}
"""


def test_a_thread_of_schemathesis_loads_no_module(tmp_path: Path) -> None:
    file = tmp_path / "things.yaml"
    file.write_text(THINGS, encoding="utf-8")
    with Stub(status=400).running() as stub:
        command = [sys.executable, "-c", PROGRAM, stub.url, str(file)]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []
