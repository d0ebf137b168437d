"""Reports are what their schemas say, and pages that people can read anywhere."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema_rs
import pytest
import xmlschema
from rich.console import Console

from gate.runs import FAILED, NASTY, RESULTS, run_of
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.outcome import Outcome, VerifyRun
from tallystick.gate.redaction import Redaction
from tallystick.gate.sarif import sarif
from tallystick.gate.terminal import show

SCHEMAS = Path(__file__).parent / "schemas"
RUN = run_of(*RESULTS)
RUNS = [RUN, run_of(), run_of(FAILED, FAILED)]


@pytest.fixture(scope="module")
def junit_schema() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(SCHEMAS / "junit.xsd")


@pytest.fixture(scope="module")
def sarif_schema() -> jsonschema_rs.Validator:
    text = (SCHEMAS / "sarif.json").read_text(encoding="utf-8")
    # A slip of the schema: in a pattern, a bracket that closes nothing.
    schema = json.loads(text.replace("{2}]?$", "{2}$"))
    return jsonschema_rs.validator_for(schema)


@pytest.mark.parametrize("run", RUNS)
def test_junit_is_what_its_schema_says(run: VerifyRun, junit_schema: xmlschema.XMLSchema) -> None:
    junit_schema.validate(ET.fromstring(junit(run)))


def test_the_schema_of_junit_can_object(junit_schema: xmlschema.XMLSchema) -> None:
    wrong = junit(RUN).replace("<testcase", "<case").replace("</testcase", "</case")
    assert not junit_schema.is_valid(ET.fromstring(wrong))


@pytest.mark.parametrize("run", RUNS)
def test_sarif_is_what_its_schema_says(
    run: VerifyRun, sarif_schema: jsonschema_rs.Validator
) -> None:
    assert [error.message for error in sarif_schema.iter_errors(json.loads(sarif(run, "1")))] == []


def test_the_schema_of_sarif_can_object(sarif_schema: jsonschema_rs.Validator) -> None:
    assert not sarif_schema.is_valid({**json.loads(sarif(RUN, "1")), "version": "2.0"})


def test_junit_counts_what_ci_systems_count() -> None:
    root = ET.fromstring(junit(RUN))
    counts = {name: root.get(name) for name in ("tests", "failures", "errors")}
    assert counts == {"tests": "5", "failures": "1", "errors": "1"}
    assert [suite.get("skipped") for suite in root] == ["1", "0", "1"]


def test_sarif_puts_a_failure_at_its_line_of_the_contract() -> None:
    result = json.loads(sarif(RUN, "1"))["runs"][0]["results"][0]
    where = result["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "openapi/event_store.yaml"
    assert where["region"]["startLine"] == 104
    assert result["ruleId"] == "vector"


def test_sarif_knows_a_failure_again() -> None:
    first, second = (json.loads(sarif(run, "1"))["runs"][0]["results"][0] for run in RUNS[::2])
    assert first["partialFingerprints"] == second["partialFingerprints"]


class Page(HTMLParser):
    """The elements of a page, and what is open in it."""

    VOID = frozenset({"meta", "br", "wbr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def loads(self) -> Iterator[str]:
        """What the page would load from elsewhere."""
        for tag, attributes in self.tags:
            if tag in ("script", "link", "img", "iframe") or {"src", "href"} & set(attributes):
                yield tag


@pytest.mark.parametrize("run", RUNS)
def test_the_page_is_well_formed_and_loads_nothing(run: VerifyRun) -> None:
    text = html(run, "1")
    page = Page(text)
    assert page.open == []
    assert list(page.loads()) == []
    assert not re.search(r"url\(|@import|https?://(?!127\.0\.0\.1)", text)


def test_the_page_shows_each_answer_of_the_contract_as_a_cell_of_a_matrix() -> None:
    text = html(RUN, "1")
    cells = re.findall(r'<i class="(\w+)" title="(\d) times">', text)
    assert cells == [("seen", "7"), ("unseen", "0"), ("undeclared", "1")]


def test_what_a_server_answers_is_text_on_the_page() -> None:
    assert "<script>" not in html(RUN, "1")


def test_what_no_report_can_hold_is_written_out() -> None:
    shown = Redaction({}).result(replace(FAILED, came=NASTY, objections=(NASTY,)))
    assert shown.came == shown.objections[0] == "<script>alert(1)</script> \\x00 \\ud83d \\x1b[2J &"
    for text in (junit(run_of(shown)), html(run_of(shown), "1"), sarif(run_of(shown), "1")):
        assert "\\ud83d" in text
        text.encode()


def test_every_report_tells_all_that_the_owner_needs() -> None:
    told = io.StringIO()
    show(RUN, Console(file=told, width=200))
    for text in (told.getvalue(), junit(RUN), html(RUN, "1"), sarif(RUN, "1")):
        for needed in (FAILED.sent, "C003", "openapi/event_store.yaml:104", "event_store.txt:12"):
            assert needed in text or needed.replace(":104", "") in text, needed


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ((), 2),
        ((Outcome.PASSED,), 0),
        ((Outcome.SKIPPED, Outcome.DISABLED), 2),
        ((Outcome.PASSED, Outcome.SKIPPED), 0),
        ((Outcome.PASSED, Outcome.ERROR), 2),
        ((Outcome.PASSED, Outcome.FAILED), 1),
        ((Outcome.ERROR, Outcome.FAILED), 1),
    ],
)
def test_the_exit_code_is_never_green_without_a_proof(
    outcomes: tuple[Outcome, ...], code: int
) -> None:
    results = [result for result in RESULTS if result.outcome in outcomes]
    assert run_of(*results).exit_code == code
