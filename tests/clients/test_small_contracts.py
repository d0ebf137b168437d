"""A client of a contract without one feature builds as strictly as that of a large one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from client_programs.language import Build
from client_programs.small_contracts import SMALL, UNUSUAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_of_a_contract_without_a_feature_or_with_unusual_names_builds(
    language: str, built: Callable[[str], Build]
) -> None:
    packages = {package.name for package in built(language).packages()}
    assert packages >= {*SMALL, UNUSUAL.stem}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_asks_for_the_types_of_json_that_the_contract_has(
    language: str, made: Path
) -> None:
    asked = "application/vnd.unusual+json, application/problem+json"
    sources = (made / language / "made" / UNUSUAL.stem).rglob(f"*{LANGUAGES[language].suffix}")
    assert any(asked in file.read_text(encoding="utf-8") for file in sources)
