"""Reading a query string strictly: UTF-8, each name once."""

from __future__ import annotations

from collections.abc import Container
from urllib.parse import unquote, unquote_to_bytes


class BadQuery(ValueError):
    """The query string can't be read; `keyword` is ``charset`` or ``duplicate``."""

    def __init__(self, name: str, keyword: str, message: str) -> None:
        super().__init__(message)
        self.name = name
        self.keyword = keyword


def parse(query: bytes) -> dict[str, str]:
    """Names and values; a name without ``=`` has the empty value."""
    values: dict[str, str] = {}
    if not query:
        return values
    plain = b"%" not in query and b"+" not in query
    for field in query.split(b"&"):
        if not field:
            continue
        raw_name, _, raw_value = field.partition(b"=")
        name = _text(raw_name, "", plain)
        if name in values:
            raise BadQuery(name, "duplicate", "is given twice")
        values[name] = _text(raw_value, name, plain)
    return values


def _text(raw: bytes, name: str, plain: bool) -> str:
    if not plain:
        if b"+" in raw:
            raw = raw.replace(b"+", b" ")
        if b"%" in raw:
            raw = unquote_to_bytes(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadQuery(name, "charset", "is not UTF-8") from None


def masked(query: bytes, secret_names: Container[str]) -> str:
    """The query string as it was sent, but for the values of secrets."""
    text = query.decode("latin-1")
    return "&".join(_masked_field(field, secret_names) for field in text.split("&"))


def _masked_field(field: str, secret_names: Container[str]) -> str:
    name, equals, _ = field.partition("=")
    return f"{name}=***" if equals and unquote(name) in secret_names else field
