"""Where a rule comes from: the line of the vendor's page that a vector quotes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from . import strict_yaml

FILE = Path(__file__).with_name("pages.yaml")


def page_line(api: str, source: str) -> int | None:
    """The line of the API's page that the source quotes; None where it quotes none, as a ruling."""
    quoted = [phrase for phrase in _entries().get(api, {}) if phrase in source]
    return _entries()[api][max(quoted, key=len)] if quoted else None


@cache
def _entries() -> dict[str, dict[str, int]]:
    entries = strict_yaml.load(FILE.read_text(encoding="utf-8"))
    assert isinstance(entries, dict)
    return {api: {str(key): line for key, line in lines.items()} for api, lines in entries.items()}
