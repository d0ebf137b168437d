"""The comparison with other programs is dated, and each claim of ours is shown here."""

from __future__ import annotations

import json
import re
from datetime import date

import pytest

from project import ROOT

PAGE = ROOT / "docs/comparison.md"
TEXT = PAGE.read_text("utf-8")
PROGRAMS = (
    *("Prism", "WireMock", "MockServer", "Mockoon", "Specmatic", "Microcks"),
    *("Svix", "Outpost", "Convoy", "Healthchecks"),
)
CLAIMS = re.findall(r"^\| (.+) \| (.+) \|$", TEXT.partition("## What we claim")[2], re.MULTILINE)[
    1:
]
TEST = re.compile(r"`(test_\w+)` in \[`(tests/[\w/]+\.py)`\]\(\.\./(tests/[\w/]+\.py)\)")
FIGURES = re.compile(r"figures: \[`([\w.]+)`\]\(\.\./(benchmarks/results/[\w.]+)\)")


def row(program: str) -> list[str]:
    """The cells of a program's row."""
    [found] = re.findall(rf"^\| {program} \|.*$", TEXT, re.MULTILINE)
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_is_praised_first_and_has_a_dated_source(program: str) -> None:
    _, praise, difference, source = row(program)
    assert praise
    assert difference
    assert re.match(r"\[[\w.-]+/[\w.-]+\]\(https://github\.com/[\w.-]+/[\w.-]+\) `", source)
    assert date.fromisoformat(source.rpartition(" ")[2]).year >= 2026


def test_the_page_begins_with_what_others_do_better() -> None:
    assert re.findall(r"^## (.+)$", TEXT, re.MULTILINE)[0] == "Take another program if …"
    better = TEXT.partition("## Take another")[2].partition("\n## ")[0]
    assert all(program in better for program in PROGRAMS)


@pytest.mark.parametrize(("claim", "shown"), CLAIMS)
def test_a_claim_is_shown_by_a_test_or_a_figure(claim: str, shown: str) -> None:
    assert claim
    if test := TEST.fullmatch(shown):
        name, written, linked = test.groups()
        assert written == linked
        assert re.search(
            rf"^(async )?def {name}\(", (ROOT / linked).read_text("utf-8"), re.MULTILINE
        )
        return
    figures = FIGURES.fullmatch(shown)
    assert figures, shown
    assert json.loads((ROOT / figures[2]).read_text("utf-8"))


def test_the_figures_of_the_claims_are_those_of_the_files() -> None:
    scores = json.loads((ROOT / "benchmarks/results/scoreboard.json").read_text("utf-8"))["scores"]
    passed = {name: each["suites"]["vector"] for name, each in scores["event_store"].items()}
    counts = [f"{name} {passed[name][0]}" for name in ("Prism", "Mockoon", "Specmatic")]
    gave = "Tallystick gave {} of {}".format(*passed["Tallystick"])
    assert f"{gave}, {', '.join(counts)} |" in TEXT
    runs = json.loads((ROOT / "benchmarks/results/latest.json").read_text("utf-8"))["runs"]
    cost, prism = (
        round(min(run["cells"]["POST /event/send"]["cpu_us"] for run in runs[name]))
        for name in ("Tallystick, SQLite file", "Prism")
    )
    assert f"costs {cost:,} µs of CPU time on an SQLite file, {prism:,} µs in Prism" in TEXT


def test_every_claim_has_a_row() -> None:
    lines = TEXT.partition("## What we claim")[2].splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert len(table) - 2 == len(CLAIMS) >= 10
