"""Every single edit that breaks clients is found by its rule, and no other is raised."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml

from tallystick.gate.comparison import compare
from tallystick.gate.outcome import Outcome, VerifyRun

HERE = Path(__file__).parent
BASE = HERE / "parcels.yaml"
EDITS: list[dict[str, str]] = yaml.safe_load((HERE / "edits.yaml").read_text(encoding="utf-8"))


def edited(edit: dict[str, str]) -> str:
    text = BASE.read_text(encoding="utf-8")
    if edit["find"].startswith("*"):
        return text.replace(edit["find"][1:], edit["put"])
    assert text.count(edit["find"]) == 1, edit
    return text.replace(edit["find"], edit["put"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, VerifyRun]:
    folder = tmp_path_factory.mktemp("edits")

    def run(numbered: tuple[int, dict[str, Any]]) -> VerifyRun:
        number, edit = numbered
        file = folder / f"parcels{number}.yaml"
        file.write_text(edited(edit), encoding="utf-8")
        return compare(BASE, file)

    with ThreadPoolExecutor(2) as pool:
        found = pool.map(run, enumerate(EDITS))
        return {edit["name"]: each for edit, each in zip(EDITS, found, strict=True)}


@pytest.mark.parametrize("edit", EDITS, ids=[edit["name"] for edit in EDITS])
def test_an_edit_is_judged_as_it_is_labelled(
    edit: dict[str, str], runs: dict[str, VerifyRun]
) -> None:
    run = runs[edit["name"]]
    errors = [result.reason for result in run.list_results(Outcome.ERROR)]
    if errors:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(errors[0])
    breaking = [result.name for result in run.list_results(Outcome.FAILED)]
    if "by" in edit:
        says = edit.get("says", "")
        found = [name for name in breaking if name.startswith(edit["by"]) and name.endswith(says)]
        assert found != [], breaking
        assert run.exit_code == 1
    else:
        assert breaking == []
        assert run.exit_code == 0


def test_the_corpus_is_large_enough_and_has_both_kinds() -> None:
    breaking = [edit for edit in EDITS if "by" in edit]
    assert len(EDITS) >= 40
    assert 10 < len(breaking) < len(EDITS) - 10


def test_the_page_tells_what_is_found() -> None:
    page = (HERE.parent.parent / "docs" / "diff.md").read_text(encoding="utf-8")
    rows = [
        f"| {edit['name']} | {'breaking' if 'by' in edit else 'harmless'} | {_found_by(edit)} |"
        for edit in EDITS
    ]
    table = "\n".join(["| edit | | found by |", "|---|---|---|", *rows])
    assert table in page, table


def _found_by(edit: dict[str, str]) -> str:
    return ": ".join(edit[name] for name in ("by", "says") if name in edit)
