"""Reads a query string strictly: in UTF-8, each name once unless it may have several values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes

Fields = Sequence[tuple[str, str]]
"""Names, decoded, each with a value as it was sent."""


class BadQuery(ValueError):
    """A parameter can't be read; `keyword` is ``charset``, ``duplicate`` or ``syntax``."""

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
            name = decoded(name, "")
            value = decoded(value, name)
        if name in values:
            raise BadQuery(name, "duplicate", "is given twice")
        values[name] = value
    return values


def split_fields(query: bytes) -> Fields:
    """Return every name with its value; the values are `decoded` once they are taken apart."""
    fields = (field.partition("=") for field in query.decode("latin-1").split("&") if field)
    return [(decoded(name, ""), value) for name, _, value in fields]


def unique_values(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the decoded value of each name; a name given twice is a `BadQuery`."""
    values: dict[str, str] = {}
    for name, value in fields:
        if name in values:
            raise BadQuery(name, "duplicate", "is given twice")
        values[name] = decoded(value, name)
    return values


def decoded(text: str, name: str) -> str:
    """Return a text of a query string or a form as it was before it was encoded."""
    try:
        return unquote_to_bytes(text.replace("+", " ").encode("latin-1")).decode()
    except UnicodeDecodeError:
        raise BadQuery(name, "charset", "is not UTF-8") from None
