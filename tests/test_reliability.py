"""The page says what the last full run measured, and each of its rows has a test."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import reliability
from reliability import CASES, PAGE, Figures, page, read_results, scaled

FIGURES: dict[str, dict[str, Any]] = {
    "SIGKILL of the server": {
        "a killed server keeps every event": {
            "sqlite": {"kills": "50", "ready again": "0.6 to 0.9 s"},
            "postgresql": {"kills": "50"},
        }
    },
    "Clock steps and summer time": {"a run is due once": {"spring": {}, "autumn": {}}},
}


def test_every_row_has_a_test() -> None:
    marked = re.compile(r"mark\.reliability\(\s*\"([^\"]+)\"")
    files = (path for path in Path(__file__).parent.rglob("test_*.py") if path != Path(__file__))
    texts = (path.read_text(encoding="utf-8") for path in files)
    assert {case for text in texts for case in marked.findall(text)} == set(CASES)


def test_the_page_is_what_was_measured() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_results())


def test_a_row_says_what_was_done_what_holds_and_what_was_measured() -> None:
    assert page(FIGURES).splitlines()[-2:] == [
        "| SIGKILL of the server | A killed server keeps every event | PostgreSQL: kills 50;"
        " SQLite: kills 50, ready again 0.6 to 0.9 s |",
        "| Clock steps and summer time | A run is due once | 2 cases |",
    ]


def test_figures_are_kept_in_full_runs_alone(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reliability, "RESULTS", tmp_path / "results.json")
    request.node.add_marker(pytest.mark.reliability("Power loss"))
    figures = Figures()
    figures.note(events=1_000)
    for is_full in (False, True):
        monkeypatch.setattr(reliability, "IS_FULL", is_full)
        reliability.keep(request.node, figures)
        assert bool(read_results()) == is_full
    name = "figures are kept in full runs alone"
    assert read_results() == {"Power loss": {name: {"": {"events": "1,000"}}}}


def test_a_short_run_does_less() -> None:
    assert scaled(1, 2) == (2 if reliability.IS_FULL else 1)


def test_a_mark_that_names_no_row_is_refused(request: pytest.FixtureRequest) -> None:
    request.node.add_marker(pytest.mark.reliability("Sunshine"))
    with pytest.raises(LookupError, match="Sunshine"):
        reliability.case_of(request.node)
