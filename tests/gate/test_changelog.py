"""A comparison is read as a changelog."""

from __future__ import annotations

from gate.runs import CONTRACT, RUN, run_of
from tallystick.gate.changelog import markdown
from tallystick.gate.outcome import CheckResult, Outcome


def test_changes_stand_below_what_they_mean() -> None:
    added = CheckResult("charon", "diff", "new", Outcome.PASSED, reason="addition")
    text = markdown(run_of(*RUN.results, added))
    headings = [line for line in text.splitlines() if line.startswith("## ")]
    assert headings == [
        "## Breaking",
        "## Breaking, and known",
        "## Added",
        "## Could not be compared",
    ]
    assert "- **charon** new\n" in text + "\n"
    assert f"`{CONTRACT}`" in text


def test_a_comparison_without_a_change_says_so() -> None:
    assert "Nothing has changed." in markdown(run_of())
