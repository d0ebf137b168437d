"""A start judges our documents once, and again when their text or the program changes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tallystick.contract import judged_documents as module
from tallystick.contract import parse_cache
from tallystick.contract.document import Document, read_document
from tallystick.contract.judged_documents import JudgedDocuments

TEXT = b"openapi: 3.0.3\npaths: {}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(parse_cache, "FOLDER", tmp_path / "kept")
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "kept"


@pytest.fixture
def document(folder: Path) -> Document:  # noqa: ARG001  # where it is kept
    return read_document("one", TEXT)


def test_documents_without_fault_are_remembered(document: Document) -> None:
    assert not JudgedDocuments([document]).had_no_fault()
    JudgedDocuments([document]).remember()
    assert JudgedDocuments([document]).had_no_fault()


def test_another_text_is_judged_anew_and_takes_the_place(document: Document, folder: Path) -> None:
    JudgedDocuments([document]).remember()
    other = document._replace(text=TEXT + b"\n")
    assert not JudgedDocuments([other]).had_no_fault()
    JudgedDocuments([other]).remember()
    assert len([*folder.glob("judged-*")]) == 1


def test_another_dialect_or_another_company_is_judged_anew(document: Document) -> None:
    JudgedDocuments([document]).remember()
    assert not JudgedDocuments([document.in_dialect("2.0")]).had_no_fault()
    assert not JudgedDocuments([document, document._replace(api="two")]).had_no_fault()


def test_documents_of_others_are_none_of_its_business(document: Document) -> None:
    JudgedDocuments([document]).remember()
    assert JudgedDocuments([document, document._replace(is_foreign=True)]).had_no_fault()


def test_another_version_of_the_program_judges_anew(
    document: Document, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "judge.py"
    program.write_text("")
    monkeypatch.setattr(module, "__file__", str(program))
    JudgedDocuments([document]).remember()
    assert JudgedDocuments([document]).had_no_fault()
    os.utime(program, (1, 1))
    assert not JudgedDocuments([document]).had_no_fault()
