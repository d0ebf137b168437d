"""What `pyproject.toml` says of the project, for tests of its pages and packages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
REPOSITORY: str = PYPROJECT["project"]["urls"]["Repository"]
IN_REPOSITORY = re.compile(rf"{re.escape(REPOSITORY)}/(?:blob|raw|tree)/main/([^#]+)")


def repository_path(link: str) -> Path | None:
    """Return the file or folder that a link to the repository leads to, None for another link."""
    match = IN_REPOSITORY.match(link)
    return ROOT / match[1] if match else None
