"""Reads a query string strictly: in UTF-8, with each name once."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


class BadQuery(ValueError):
    """The query string can't be read; `keyword` is ``charset`` or ``duplicate``."""

    def __init__(self, name: str, keyword: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.keyword = keyword


def parse_query(query: bytes) -> dict[str, str]:
    """Return values by name; a name without ``=`` has the empty value. Raise `BadQuery`."""
    text = query.decode("latin-1")
    # Decoding would change nothing in a plain query, so its fields are taken as they are.
    is_plain = text.isascii() and "%" not in text and "+" not in text
    values: dict[str, str] = {}
    for field in text.split("&"):
        if not field:
            continue
        name, _, value = field.partition("=")
        if not is_plain:
            name = _decoded(name, "")
            value = _decoded(value, name)
        if name in values:
            raise BadQuery(name, "duplicate", "is given twice")
        values[name] = value
    return values


def _decoded(text: str, name: str) -> str:
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise BadQuery(name, "charset", "is not UTF-8") from None
