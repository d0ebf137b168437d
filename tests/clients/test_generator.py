"""A client is generated from its contract alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from tallystick.clients import ClientPackage, generate_packages, read_document

API = "event_store"


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_contract_gives_the_same_bytes(language: str, made: Path, tmp_path: Path) -> None:
    generate_packages([ClientPackage(language, read_document(API), tmp_path)])
    again = files(tmp_path)
    kept = files(made / language / "made" / API)
    assert again == {name: kept[name] for name in again}
    assert "README.md" in again
