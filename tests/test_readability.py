"""A tool counts how plainly our pages and docstrings are written; `make check` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from project import ROOT

PLAIN = "You send an event, and you get its answer.\n"


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are no part of what is installed."""
    monkeypatch.syspath_prepend(str(ROOT))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to write pages and modules into, and the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def is_plain(folder: Path, name: str, text: str) -> bool:
    from tools import readability

    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    (folder / "index.md").write_text(PLAIN, encoding="utf-8")
    return readability.main([Path(name).parent, Path("index.md")])


def test_a_page_that_speaks_to_its_reader_is_plain(folder: Path) -> None:
    assert is_plain(folder, "docs/page.md", PLAIN)


@pytest.mark.parametrize(
    "text",
    [
        "Events are sent, and answers come. " * 40,
        PLAIN * 5 + "No answer, none, never. " * 3,
        PLAIN * 5 + "Whoever sends what, which is that. " * 3,
    ],
    ids=["you", "negations", "relative words"],
)
def test_a_page_beyond_a_limit_is_named(
    text: str, folder: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    assert not is_plain(folder, "docs/page.md", text)
    assert f"{request.node.callspec.id}: beyond the limit" in capsys.readouterr().out


def test_docstrings_have_limits_of_their_own(folder: Path) -> None:
    assert is_plain(folder, "src/plain.py", '"""Answers of a server."""\n')
    assert not is_plain(folder, "src/odd.py", 'def f():\n    """What nobody asks for."""\n')


def test_code_tables_and_headings_are_no_prose(folder: Path) -> None:
    code = "# What nobody reads\n\n| no | none |\n\n```sh\nnothing # never\n```\n\n`no` <b id=none>"
    assert is_plain(folder, "docs/page.md", code + PLAIN)


def test_generated_pages_are_left_out(folder: Path) -> None:
    assert is_plain(folder, "docs/rules/C002.md", "Nobody, none, never. " * 20)


def test_a_rate_is_counted_by_a_thousand_words() -> None:
    from tools import readability

    figures = readability.measure("you and " * 5 + "nothing which " * 5)
    assert figures.words == 20
    assert figures.rates == {"you": 250, "negations": 250, "relative words": 250}
