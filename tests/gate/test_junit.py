"""JUnit's report is what its schema says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema

from gate.runs import RUN, RUNS, run_of
from tallystick.gate.junit import junit
from tallystick.gate.outcome import VerifyRun

SCHEMAS = Path(__file__).parent / "schemas"


@pytest.fixture(scope="module")
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit.xsd")


@pytest.mark.parametrize("run", RUNS)
def test_junit_is_what_its_schema_says(run: VerifyRun, junit_schema: xmlschema.XMLSchema) -> None:
    junit_schema.validate(ET.fromstring(junit(run)))


def test_the_schema_of_junit_can_object(junit_schema: xmlschema.XMLSchema) -> None:
    wrong = junit(RUN).replace("<testcase", "<case").replace("</testcase", "</case")
    assert not junit_schema.is_valid(ET.fromstring(wrong))


def test_junit_has_the_time_of_each_check_and_suite() -> None:
    root = ET.fromstring(junit(run_of(replace(RUN.results[0], seconds=1.5), RUN.results[1])))
    [suite] = root
    assert suite.get("time") == "1.500"
    assert [case.get("time") for case in suite.iter("testcase")] == ["1.500", "0.000"]


def test_junit_counts_what_ci_systems_count() -> None:
    root = ET.fromstring(junit(RUN))
    counts = {name: root.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1"}
    assert [suite.get("skipped") for suite in root] == ["1", "0", "1"]
