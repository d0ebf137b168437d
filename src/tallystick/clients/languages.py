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


def list_taken_models() -> list[str]:
    """Return the names that objects of a contract can't have in a language, sorted."""
    configurations = map(read_configuration, list_languages())
    return sorted({name for each in configurations for name in each.get("takenModels", ())})


def package_names(api: str) -> dict[str, str]:
    """Return the names of an API's client, such as its package and its classes."""
    words = api.split("_")
    return {
        "api": api,
        "apiClass": "".join(word.title() for word in words),
        "apiWord": "".join(words),
        "distribution": f"{'-'.join(words)}-client",
        "packageName": f"{api}_client",
    }
