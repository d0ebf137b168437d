"""What was parsed once is not parsed again, and never mistaken for something else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tallystick.contract import parse_cache as module
from tallystick.contract.document import parse_yaml
from tallystick.contract.parse_cache import parsed


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "kept"


def refuse(_text: bytes, _name: str) -> dict[str, object]:
    raise AssertionError("it is parsed again")


def test_the_same_text_is_parsed_once_and_keeps_its_types() -> None:
    text = b"{200: one, '404': two, yes: no, nothing: null, number: 1.5}"
    first = parsed("a.yaml", text, parse_yaml)
    assert parsed("a.yaml", text, refuse) == first
    assert first == {200: "one", "404": "two", "yes": "no", "nothing": None, "number": 1.5}


def test_a_changed_text_takes_the_place_of_the_earlier(folder: Path) -> None:
    parsed("a.yaml", b"a: 1", parse_yaml)
    parsed("b.yaml", b"b: 1", parse_yaml)
    assert parsed("a.yaml", b"a: 2", parse_yaml) == {"a": 2}
    assert sorted(file.name.partition(".yaml")[0] for file in folder.iterdir()) == ["a", "b"]


def test_what_was_kept_in_part_is_parsed_anew(folder: Path) -> None:
    parsed("a.yaml", b"a: [1, 2, 3]", parse_yaml)
    [kept] = folder.iterdir()
    kept.write_bytes(kept.read_bytes()[:5])
    assert parsed("a.yaml", b"a: [1, 2, 3]", parse_yaml) == {"a": [1, 2, 3]}


def test_a_folder_that_nobody_may_write_is_done_without(folder: Path) -> None:
    folder.write_text("a file")
    assert parsed("a.yaml", b"a: 1", parse_yaml) == {"a": 1}


def test_nothing_is_kept_where_python_keeps_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    parsed("a.yaml", b"a: 1", parse_yaml)
    assert not folder.exists()


def test_equal_strings_of_all_documents_are_one(folder: Path) -> None:
    text = b"{a: [a long text, {b: a long text}]}"
    first = parsed("a.yaml", text, parse_yaml)["a"]
    assert first[0] is first[1]["b"]
    assert [*folder.iterdir()]
    again = parsed("a.yaml", text, refuse)["a"]
    assert again[0] is again[1]["b"] is first[0]
