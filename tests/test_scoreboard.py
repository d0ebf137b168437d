"""The scoreboard: its numbers are a run's, its page is what the kept results say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gate.runs import COVERAGE, FAILED, RESULTS, run_of
from tallystick.gate.outcome import CheckResult, CoverageCell

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "results" / "scoreboard.json"
PAGE = ROOT / "docs" / "scoreboard.md"
SMALL = ROOT / "tests" / "fixtures" / "scoreboard.json"


@pytest.fixture(autouse=True)
def _benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmarks are no part of what is installed."""
    monkeypatch.syspath_prepend(str(ROOT))


def failed(suite: str, came: str, asked: str, *objections: str) -> CheckResult:
    return replace(FAILED, suite=suite, came=came, asked=asked, objections=objections)


STATUS = "status is 1, not 2"


@pytest.mark.parametrize(
    ("result", "kind"),
    [
        (failed("vector", "200\n{}", "400", STATUS), "takes a bad request"),
        (failed("vector", "422\n{}", "200\n{}", STATUS), "refuses a good request"),
        (failed("vector", "401", "403", STATUS, "body.x is 1"), "refuses with another status"),
        (failed("vector", "500", "400", STATUS), "a server error"),
        (failed("vector", "no answer: closed", "400", "no answer came"), "unanswered"),
        (failed("vector", "400", "400", "body.code is 'A'"), "another body or error code"),
        (
            failed("vector", "405", "405", "header Allow is missing", "the rule is from: x"),
            "a header is missing or another",
        ),
        (failed("bytes", "200", "a status of 400–499", STATUS), "takes a bad request"),
        (failed("bytes", "400", "a status of 200 or 201", STATUS), "refuses a good request"),
        (failed("fuzz", "500", "", "Server error\nat length"), "Server error"),
        (failed("coverage", "", "", "it answered 418"), "a status that is not declared"),
    ],
)
def test_a_failure_is_of_a_kind(result: CheckResult, kind: str) -> None:
    from benchmarks import kinds

    assert kinds.kind(result) == kind


def test_a_score_counts_what_could_be_judged() -> None:
    from benchmarks.scoreboard import score

    not_provoked = CoverageCell("POST /create", 503, "", 0)
    found = score(replace(run_of(*RESULTS), coverage=(*COVERAGE, not_provoked)))
    assert found.suites["vector"] == (1, 2)
    assert found.suites["bytes"] == (0, 0)
    assert found.suites["coverage"] == (1, 2)
    assert found.failures == {"vectors: another body or error code": 1}
    assert found.errors == ["run Schemathesis: it could not"]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    from benchmarks.scores import Scoreboard

    board = Scoreboard.read(SMALL)
    board.write(tmp_path / "again.json")
    assert Scoreboard.read(tmp_path / "again.json") == board
    assert (tmp_path / "again.json").read_text("utf-8") == SMALL.read_text("utf-8")


def test_a_total_is_of_all_apis() -> None:
    from benchmarks.scores import Scoreboard

    board = Scoreboard.read(SMALL)
    assert board.total("Tallystick", "vector") == (15, 15)
    assert board.total("Elsewhere", "vector") == (3, 10)
    assert board.total("Elsewhere", "bytes").share == 0


def test_the_page_is_what_the_results_say() -> None:
    from benchmarks.scores import Scoreboard, markdown

    made = markdown(Scoreboard.read(SMALL))
    assert '<img alt="Vectors passed: Tallystick 100%; Elsewhere 30%"' in made
    assert "| Elsewhere | 3 / 10 | 0 / 4 | – | 2 / 3 | 1 / 5 | 12 | 9 |" in made
    assert "- Elsewhere: vectors: unanswered (4); bytes: unanswered (4)" in made
    assert "; other kinds (2)" in made
    assert "- Elsewhere: not judged: its process ended in the run" in made
    assert "Left out: Faraway, it is not installed." in made


def test_the_tables_are_put_between_the_pages_marks(tmp_path: Path) -> None:
    from benchmarks.scores import BEGIN, END, Scoreboard, markdown, put

    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}old\n{END}\nafter\n")
    board = Scoreboard.read(SMALL)
    put(board, page)
    assert page.read_text("utf-8") == f"before\n{BEGIN}{markdown(board)}{END}\nafter\n"


def test_the_docs_hold_what_was_kept() -> None:
    from benchmarks.scores import BEGIN, END, Scoreboard, markdown

    shown = PAGE.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]
    assert shown == markdown(Scoreboard.read(KEPT))
    for theme in ("light", "dark"):
        assert (PAGE.parent / "images" / f"scoreboard-{theme}.png").exists()
