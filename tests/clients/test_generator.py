"""A client is generated from its contract alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from tallystick.clients import CannotGenerate, ClientPackage, generate_packages, read_document
from toolchain import need

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


def test_a_package_has_the_name_version_and_licence_that_you_give(tmp_path: Path) -> None:
    need("java")
    document = read_document(API)
    generate_packages(
        [
            ClientPackage(name, document, tmp_path / name, language.published[0], "7.8.9", "MIT")
            for name, language in LANGUAGES.items()
        ]
    )
    for name, language in LANGUAGES.items():
        _, file, line = language.published
        assert line in (tmp_path / name / file).read_text(encoding="utf-8")
        assert not (tmp_path / name / "LICENSE").exists()
        assert not (tmp_path / name / "CHANGELOG.md").exists()
    for path in ("go/client.go", "python/event_store_client/client.py"):
        first, second, _ = (tmp_path / path).read_text(encoding="utf-8").split("\n", 2)
        assert "DO NOT EDIT." in first
        assert second.endswith("SPDX-License-Identifier: MIT")
    assert '"version": "7.8.9"' in (tmp_path / "typescript/package.json").read_text("utf-8")
    assert 'from "@acme/events"' in (tmp_path / "typescript/README.md").read_text("utf-8")
    assert '"example.com/acme/events"' in (tmp_path / "go/README.md").read_text("utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_package_of_the_usual_licence_has_its_text(language: str, made: Path) -> None:
    text = (made / language / "made" / API / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text


def test_a_package_of_tallysticks_version_has_its_changelog_without_digests(made: Path) -> None:
    text = (made / "python" / "made" / API / "CHANGELOG.md").read_text(encoding="utf-8")
    assert text.startswith("# Changes of the clients\n")
    assert "an `AnswerError`" in text
    assert "Signatures" not in text
    assert "- python " not in text


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (('a"b', "", ""), 'a"b is no name of a package'),
        (("", "one", ""), "one is no version such as 1.0.0"),
        (("", "", "my own"), "my own is no licence of SPDX's list, such as MIT"),
    ],
)
def test_what_no_registry_takes_is_refused(
    given: tuple[str, str, str], reason: str, tmp_path: Path
) -> None:
    package = ClientPackage("go", read_document(API), tmp_path, *given)
    with pytest.raises(CannotGenerate, match=reason):
        generate_packages([package])
