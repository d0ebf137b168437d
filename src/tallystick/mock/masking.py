"""Masks credentials for the journal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tallystick.secret_names import MASK, is_secret_name, mask_query, mask_text

# A member of an object with such a name is masked too, as in `"secret": {"key": "…"}`.
_IN_TEXT = re.compile(
    r"((?:secret|password|token|api[_-]?key)[\"']?\s*[:=]\s*(?:\{\s*[\"']?\w+[\"']?\s*[:=]\s*)?"
    r"[\"']?)[^\"'&\s,}]+",
    re.IGNORECASE,
)


class Masking:
    """A mask for the credentials of the contract's schemes and for values with a secret's name."""

    def __init__(self, schemes: Iterable[Mapping[str, Any]]) -> None:
        """Read the names of credentials from the contract's security schemes."""
        named = [(scheme.get("in"), str(scheme.get("name", ""))) for scheme in schemes]
        self._headers = {name.lower() for where, name in named if where == "header"}
        self._query = frozenset(name for where, name in named if where == "query")

    def header(self, name: str, value: str) -> str:
        """Return a header's value, masked if it is secret; `name` is in lower case."""
        return MASK if name in self._headers or is_secret_name(name) else value

    def parameter(self, name: str, value: str) -> str:
        """Return a query parameter's value, masked if it is secret."""
        return MASK if name in self._query or is_secret_name(name) else value

    def query(self, raw: bytes) -> str:
        """Return a query string with secret values masked."""
        return mask_query(raw.decode("latin-1"), self._query)

    def text(self, text: str) -> str:
        """Return a text, such as a form or broken JSON, with likely secrets masked."""
        return _IN_TEXT.sub(rf"\1{MASK}", mask_text(text))

    def json(self, value: Any, depth: int = 0, within: str = "") -> Any:
        """Return a JSON value with secret members masked, and cut at `_DEEPEST` levels.

        `within` is the name of the member with this value: ``{"secret": {"key": "…"}}`` has a
        secret key.
        """
        if depth > _DEEPEST:
            return "…"
        if isinstance(value, dict):
            return {n: self._member(within, n, member, depth) for n, member in value.items()}
        if isinstance(value, list):
            return [self.json(item, depth + 1, within) for item in value]
        return value

    def _member(self, within: str, name: str, value: Any, depth: int) -> Any:
        if isinstance(value, str) and value and is_secret_name(f"{within}.{name}"):
            return MASK
        return self.json(value, depth + 1, name)


_DEEPEST = 100
"""Levels of JSON kept for a reader."""
