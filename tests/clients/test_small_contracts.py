"""A client of a contract without one feature builds as strictly as that of a large one."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from client_programs.builds import LANGUAGES
from client_programs.language import Build
from client_programs.small_contracts import SMALL, UNUSUAL
from tallystick.clients import read_contract, write_programs


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_of_a_contract_without_a_feature_or_with_unusual_names_builds(
    language: str, built: Callable[[str], Build]
) -> None:
    packages = {package.name for package in built(language).packages()}
    assert packages >= {*SMALL, UNUSUAL.stem}


READERS: dict[str, Callable[[str], object]] = {
    ".json": json.loads,
    ".mod": str,
    ".toml": tomllib.loads,
    ".xml": ElementTree.fromstring,
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_file_of_a_package_can_be_read_whatever_the_title(language: str, made: Path) -> None:
    file = made / language / "made" / UNUSUAL.stem / LANGUAGES[language].published[1]
    text = file.read_text(encoding="utf-8")
    assert READERS[file.suffix](text)
    assert ("Unusual" in text) == (file.suffix != ".mod")


def test_comments_of_php_name_classes_as_the_package_has_them(made: Path) -> None:
    files = (made / "php" / "made").rglob("*.php")
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    typed = [line for line in lines if "@param" in line]
    assert any("@param list<CharonCron> $crons " in line for line in typed)
    assert not [line for line in typed if "Tallystick" in line.partition("$")[0]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sample_calls_a_method_that_the_client_has(language: str, made: Path) -> None:
    text = _read_sources(language, made)
    samples = write_programs(read_contract(str(UNUSUAL)).document)
    assert "import" in samples  # a word that most languages keep for themselves
    for programs in samples.values():
        called = re.findall(r"client(?:\.|->)([`r#\w]+)\(", programs[language])
        assert any(f" {method}(" in text for method in called), programs[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_client_sends_and_asks_for_json_by_the_names_that_the_contract_has(
    language: str, made: Path
) -> None:
    text = _read_sources(language, made)
    assert "application/merge-patch+json" in text
    assert "application/vnd.unusual+json, application/problem+json" in text


def _read_sources(language: str, made: Path) -> str:
    files = (made / language / "made" / UNUSUAL.stem).rglob(f"*{LANGUAGES[language].suffix}")
    return "".join(file.read_text(encoding="utf-8") for file in files)
