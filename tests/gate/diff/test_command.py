"""`tallystick diff` as its user meets it, with nothing else installed."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from command_line import tallystick
from gate.diff.framed import framed

REPORTS = ("markdown", "junit", "sarif", "github")


@pytest.fixture
def documents(tmp_path: Path) -> tuple[str, str]:
    """Two documents, of which the second breaks callers."""
    files = tmp_path / "old.yaml", tmp_path / "new.yaml"
    for file, text in zip(files, ("{type: number}", "{type: integer, minimum: 1}"), strict=True):
        file.write_text(framed("request", text), encoding="utf-8")
    return str(files[0]), str(files[1])


def test_a_document_beside_itself_is_compatible(documents: tuple[str, str]) -> None:
    ran = tallystick("diff", documents[0], documents[0], PATH="/nowhere")
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.endswith(": compatible\n")


def test_a_break_is_told_with_its_rule_its_places_and_why(documents: tuple[str, str]) -> None:
    ran = tallystick("diff", *documents, PATH="/nowhere")
    assert ran.returncode == 1, ran.stderr
    first, old, new, why, *_ = ran.stdout.splitlines()
    assert first.startswith("breaking  request-type-changed POST /parcels body: its type was")
    assert (old, new) == (f"  old: {documents[0]}:10", f"  new: {documents[1]}:10")
    assert why.startswith("  callers: You send values of the old type")


def test_each_report_names_the_rule_and_the_line(
    documents: tuple[str, str], tmp_path: Path
) -> None:
    options = [f"--report={kind}={tmp_path}/out/{kind}" for kind in REPORTS]
    assert tallystick("diff", *documents, *options).returncode == 1
    for kind in REPORTS:
        text = (tmp_path / "out" / kind).read_text(encoding="utf-8")
        assert "request-type-changed" in text
        assert "new.yaml" in text
    sarif = json.loads((tmp_path / "out" / "sarif").read_text(encoding="utf-8"))["runs"][0]
    found = {result["ruleId"]: result["level"] for result in sarif["results"]}
    assert found == {"request-type-changed": "error", "request-bound-set": "warning"}
    described = {rule["id"]: rule for rule in sarif["tool"]["driver"]["rules"]}
    page = described["request-type-changed"]["helpUri"]
    assert page.endswith("docs/rules/request-type-changed.md")
    junit = ET.parse(tmp_path / "out" / "junit").getroot()
    assert junit.get("failures") == "1"


def test_github_shows_changes_without_being_asked(documents: tuple[str, str]) -> None:
    ran = tallystick("diff", *documents, GITHUB_ACTIONS="true")
    assert "::error file=" in ran.stdout
    assert "::warning file=" in ran.stdout


def test_a_break_in_the_baseline_passes(documents: tuple[str, str], tmp_path: Path) -> None:
    known = tmp_path / "known.txt"
    known.write_text("old diff: request-type-changed * # since May\n", encoding="utf-8")
    assert tallystick("diff", *documents, "--baseline", str(known)).returncode == 0


@pytest.mark.parametrize(("level", "code"), [("none", 0), ("warning", 1), ("any", 1)])
def test_you_choose_the_level_to_fail_on(level: str, code: int, documents: tuple[str, str]) -> None:
    assert tallystick("diff", *documents, "--fail-on", level).returncode == code


@pytest.mark.parametrize("option", ["--fail-on=unknown", "--rules=unknown", "--report=x=y"])
def test_an_unknown_choice_is_refused_with_those_that_there_are(
    option: str, documents: tuple[str, str]
) -> None:
    ran = tallystick("diff", *documents, option)
    assert ran.returncode == 2
    assert "choose one of" in ran.stderr


def test_the_rules_of_redocly_are_used_when_asked_for(documents: tuple[str, str]) -> None:
    ran = tallystick("diff", *documents, "--rules", "redocly", PATH="/nowhere")
    assert ran.returncode == 2
    assert "npm install @redocly/cli" in ran.stdout
