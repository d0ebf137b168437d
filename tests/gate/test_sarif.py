"""SARIF's report is what its schema says."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from gate.diff.framed import compared
from gate.runs import RUN, RUNS
from tallystick.gate.outcome import VerifyRun
from tallystick.gate.sarif import sarif

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema_rs.Validator:
    text = (SCHEMAS / "sarif.json").read_text(encoding="utf-8")
    # A slip of the schema: in a pattern, a bracket that closes nothing.
    schema = json.loads(text.replace("{2}]?$", "{2}$"))
    return jsonschema_rs.validator_for(schema)


@pytest.mark.parametrize("run", RUNS)
def test_sarif_is_what_its_schema_says(
    run: VerifyRun, sarif_schema: jsonschema_rs.Validator
) -> None:
    assert [error.message for error in sarif_schema.iter_errors(json.loads(sarif(run, "1")))] == []


def test_the_schema_of_sarif_can_object(sarif_schema: jsonschema_rs.Validator) -> None:
    assert not sarif_schema.is_valid({**json.loads(sarif(RUN, "1")), "version": "2.0"})


def test_sarif_puts_a_failure_at_its_line_of_the_contract() -> None:
    result = json.loads(sarif(RUN, "1"))["runs"][0]["results"][0]
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "openapi/event_store.yaml"
    assert where["region"]["startLine"] == 104
    assert result["ruleId"] == "vector"


def test_sarif_puts_a_change_at_its_line_of_the_new_document(tmp_path: Path) -> None:
    run = compared(tmp_path, "request", "{type: number}", "{type: integer}")
    result = json.loads(sarif(run, "1"))["runs"][0]["results"][0]
    places = [*result["locations"], *result["relatedLocations"]]
    names = [each["physicalLocation"]["artifactLocation"]["uri"] for each in places]
    assert names == [str(tmp_path / "new.yaml"), str(tmp_path / "old.yaml")]


def test_sarif_knows_a_failure_again() -> None:
    first, second = (json.loads(sarif(run, "1"))["runs"][0]["results"][0] for run in RUNS[::2])
    assert first["partialFingerprints"] == second["partialFingerprints"]
