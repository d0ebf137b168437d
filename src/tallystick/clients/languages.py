"""Reads the generator's configuration and templates of each language in ``clients/``."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml

CONFIGURATION = "generator.yaml"


def templates_folder() -> Path:
    """Return the folder with a subfolder for each language."""
    with as_file(files("tallystick.client_templates")) as path:
        return path


def list_languages() -> list[str]:
    """Return the languages of clients, sorted."""
    return sorted(path.parent.name for path in templates_folder().glob(f"*/{CONFIGURATION}"))


def read_configuration(language: str) -> Mapping[str, Any]:
    """Return the generator's configuration for a language."""
    text = (templates_folder() / language / CONFIGURATION).read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def read_first_call(language: str, api: str) -> str:
    """Return the sample program of a client's README, or an empty text."""
    found = list((templates_folder() / language / "first_calls").glob(f"{api}.*"))
    return found[0].read_text(encoding="utf-8").rstrip() if found else ""


def read_first_calls(api: str) -> Mapping[str, str]:
    """Return the sample programs of an API's clients, by language."""
    found = {language: read_first_call(language, api) for language in list_languages()}
    return {language: text for language, text in found.items() if text}
