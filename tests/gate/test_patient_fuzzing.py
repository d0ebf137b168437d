"""Schemathesis judges the answer after a wait, and not the one that asked for it."""

from __future__ import annotations

from pathlib import Path

from tallystick.contract_tests import fuzz

from gate.stub import Stub
from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.target_server import target_server

NOW = """
openapi: 3.1.0
info: {title: Now, version: '1'}
paths:
  /now:
    get:
      operationId: now
      responses:
        '200': {description: It., content: {application/json: {schema: {type: object}}}}
"""


def test_a_call_is_made_again_after_a_wait(tmp_path: Path) -> None:
    file = tmp_path / "now.yaml"
    file.write_text(NOW, encoding="utf-8")
    with Stub(refused=1).running() as stub:
        told = Configuration(stub.url, contracts=(str(file),))
        with own_contracts(told):
            target = target_server(told)
            run = fuzz.FuzzRun(1, safe=True)
            found = list(fuzz.judgements("now", target.server, target.coverage, run))
    assert [each.finding for each in found if each.finding] == []
    assert {each.status for each in target.coverage.seen} == {200}
    assert target.server.client.waits.seconds > 0
