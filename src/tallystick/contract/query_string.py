"""Reading a query string strictly: UTF-8, each name once."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote, unquote_to_bytes


class BadQuery(ValueError):
    """The query string can't be read; `keyword` is ``charset`` or ``duplicate``."""

    def __init__(self, name: str, keyword: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.keyword = keyword


def parse_query(query: bytes) -> dict[str, str]:
    """Names and values; a name without ``=`` has the empty value."""
    text = query.decode("latin-1")
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


def mask_query(query: bytes, secret_names: Iterable[str]) -> str:
    """The query string as it was sent, but for the values of secrets."""
    text = query.decode("latin-1")
    # A name that is there neither as it is nor, perhaps, percent-encoded needs no closer look.
    for name in secret_names:
        if name in text or "%" in text:
            break
    else:
        return text
    return "&".join(_masked_field(field, secret_names) for field in text.split("&"))


def _masked_field(field: str, secret_names: Iterable[str]) -> str:
    name, equals, _ = field.partition("=")
    return f"{name}=***" if equals and unquote(name) in secret_names else field
