"""Redocly is found, asked, and its words are told as changes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tallystick.gate.change import Change, Level
from tallystick.gate.outcome import ContractPlace
from tallystick.gate.redocly import NoRedocly, find_redocly_changes

OLD, NEW = Path("old.yaml"), Path("new.yaml")
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a program in the place of Redocly that prints these changes, or this text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    def install(*changes: dict[str, Any], text: str | None = None, error: str = "") -> None:
        printed = json.dumps({"changes": changes}) if text is None else text
        source = f"import sys; print({printed!r}); print({error!r}, file=sys.stderr)"
        program = tmp_path / "redocly"
        program.write_text(f"#!{sys.executable}\n{source}\n", encoding="utf-8")
        program.chmod(0o700)

    return install


def change(**said: Any) -> dict[str, Any]:
    told = {"path": "#/paths/~1a/get", "kind": "changed", "impact": "patch", "verdicts": []}
    return {**told, "typeName": "Operation", **said}


def found() -> list[Change]:
    return list(find_redocly_changes(OLD, NEW))


def test_a_verdict_is_a_change_of_its_level_at_its_lines(install: Install) -> None:
    verdict = {"ruleId": "parameter-removed", "message": "The parameter is gone."}
    lines = {"base": {"line": 7}, "revision": {"line": 9}}
    install(change(impact="major", verdicts=[verdict], **lines))
    places = (ContractPlace("old", "old.yaml", 7), ContractPlace("new", "new.yaml", 9))
    says = "The parameter is gone."
    assert found() == [Change(Level.BREAKING, "parameter-removed", "paths//a/get", says, places)]


@pytest.mark.parametrize(
    ("impact", "level"),
    [("major", Level.BREAKING), ("minor", Level.ADDITION), ("patch", Level.NOTE)],
)
def test_each_impact_has_its_level(install: Install, impact: str, level: Level) -> None:
    install(change(impact=impact))
    assert [each.level for each in found()] == [level]


def test_a_change_without_a_verdict_is_told_by_its_kind(install: Install) -> None:
    install(change(kind="added"), change(property="summary"))
    assert [(each.rule, each.says) for each in found()] == [
        ("added", "Operation was added"),
        ("changed", "summary was changed"),
    ]


def test_what_to_redocly_is_mere_text_is_left_to_our_own_rules(install: Install) -> None:
    install(change(path="#/x-codes/A1"), change(property="x-error-codes"))
    assert found() == []
    install(change(path="#/x-codes/A1", verdicts=[{"ruleId": "r", "message": "m"}]))
    assert [each.rule for each in found()] == ["r"]


def test_a_side_without_a_line_has_no_place(install: Install) -> None:
    install(change(base={}, revision={"line": 3}))
    assert [each.places for each in found()] == [(ContractPlace("new", "new.yaml", 3),)]


def test_a_redocly_that_says_nothing_readable_is_told_with_its_own_words(install: Install) -> None:
    install(text="no JSON", error="out of memory")
    with pytest.raises(NoRedocly, match=r"npm install @redocly/cli\nout of memory"):
        found()


@pytest.mark.usefixtures("install")
def test_a_missing_redocly_is_told_with_how_to_install_it() -> None:
    with pytest.raises(NoRedocly, match="npm install @redocly/cli"):
        found()


def test_the_redocly_of_a_folder_around_goes_before_that_of_the_machine(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(change())
    binaries = tmp_path / "node_modules" / ".bin"
    binaries.mkdir(parents=True)
    (tmp_path / "redocly").rename(binaries / "redocly")
    (tmp_path / "node").touch(mode=0o700)
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    assert len(found()) == 1
    assert os.environ["PATH"] == str(tmp_path)
