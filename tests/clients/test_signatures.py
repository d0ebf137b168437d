"""The lists of what users of the clients see: true, and named by the clients' changelog."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from client_programs.signatures import CHANGELOG, api_file, digest, signatures

each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
def test_the_list_is_of_the_clients_as_they_are(language: str, made: Path) -> None:
    kept = api_file(language).read_text(encoding="utf-8")
    assert kept == signatures(language, made / language / "made"), "run `make clients-api`"


@each_language
def test_the_changelog_names_the_list(language: str) -> None:
    text = api_file(language).read_text(encoding="utf-8")
    newest = CHANGELOG.read_text(encoding="utf-8").partition("\n## ")[2].partition("\n## ")[0]
    assert f"{language} {digest(text)}" in newest, "tell in clients/CHANGELOG.md what changed"
