"""What is kept of each language in ``clients/``: the generator's configuration and templates."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import yaml

CONFIGURATION = "generator.yaml"


def templates_folder() -> Path:
    """Where the languages are."""
    with as_file(files("tallystick.client_templates")) as path:
        return path


def list_languages() -> list[str]:
    """The languages that there are clients in."""
    return sorted(path.parent.name for path in templates_folder().glob(f"*/{CONFIGURATION}"))


def read_configuration(language: str) -> Mapping[str, Any]:
    """How the generator makes a client in that language."""
    text = (templates_folder() / language / CONFIGURATION).read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


def read_first_call(language: str, api: str) -> str:
    """The program that the README of the client begins with."""
    found = list((templates_folder() / language / "first_calls").glob(f"{api}.*"))
    return found[0].read_text(encoding="utf-8").rstrip() if found else ""
