"""Each rule has a page, and its smallest example is found by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.diff.framed import compared, told
from project import ROOT
from tallystick.gate.comparison import compare
from tallystick.gate.diff.rules import ChangeRule, list_rules
from tallystick.gate.outcome import COULD_NOT_RUN

PAGES = ROOT / "docs" / "rules"
IN_DOCUMENTS = [rule for rule in list_rules().values() if rule.at != "folder"]


def compare_example(rule: ChangeRule, folder: Path) -> list[tuple[str, str]]:
    run = compared(folder, rule.at, rule.old, rule.new)
    assert run.exit_code != COULD_NOT_RUN, run.results
    return told(run)


@pytest.mark.parametrize("rule", IN_DOCUMENTS, ids=lambda rule: rule.id)
def test_the_smallest_example_is_found_by_its_rule(rule: ChangeRule, tmp_path: Path) -> None:
    assert (rule.level, rule.id) in compare_example(rule, tmp_path)


@pytest.mark.parametrize("rule", IN_DOCUMENTS, ids=lambda rule: rule.id)
def test_nothing_worse_than_its_rule_is_found_in_an_example(
    rule: ChangeRule, tmp_path: Path
) -> None:
    levels = {level for level, _ in compare_example(rule, tmp_path)}
    assert ("breaking" in levels) == (rule.level == "breaking")


@pytest.mark.parametrize("rule", IN_DOCUMENTS, ids=lambda rule: rule.id)
def test_an_example_is_as_its_own_successor_the_same(rule: ChangeRule, tmp_path: Path) -> None:
    assert told(compared(tmp_path, rule.at, rule.new, rule.new)) == []


def test_a_document_that_is_gone_is_a_break(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
    (old / "parcels.yaml").write_text("openapi: 3.0.3\npaths: {}\n")
    assert told(compare(old, new)) == [("breaking", "document-removed")]


@pytest.mark.usefixtures("_tools")
def test_each_rule_has_the_page_that_is_made_of_it() -> None:
    from tools.rule_pages import list_pages

    written = {file.name: file.read_text(encoding="utf-8") for file in PAGES.glob("*.md")}
    assert written == list_pages(), "write the pages anew by: make rules"


@pytest.fixture
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are no part of what is installed."""
    monkeypatch.syspath_prepend(str(ROOT))
