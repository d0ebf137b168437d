"""Attributes as selectors find them: each value as a text of bounded length."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

LONGEST = 250
"""Characters of a text that is indexed as it is."""

_KEPT = 200
_PAIR = {"key", "value"}


class IndexEntry(NamedTuple):
    """One value of an attribute; `key` is empty unless the value is a pair."""

    name: str
    name_folded: str
    value: str
    key: str
    kind: str


def index_attributes(attributes: Mapping[str, Any]) -> list[IndexEntry]:
    """Return an entry for each value of each attribute."""
    return [
        IndexEntry(name, name.casefold(), lookup_text(text), key, kind_of(value))
        for name, value in attributes.items()
        for key, text in _texts(value)
    ]


def lookup_text(text: str) -> str:
    """Return a text as the index has it: a long one is its beginning and a digest."""
    if len(text) <= LONGEST:
        return text
    return text[:_KEPT] + blake2b(text.encode(), digest_size=16).hexdigest()


def kind_of(value: Any) -> str:
    """Return the type of a JSON value in the vendor's words."""
    if isinstance(value, bool):
        return "Boolean"
    if isinstance(value, int | float):
        return "Number"
    if isinstance(value, list):
        return "List"
    return "Map" if isinstance(value, dict) else "String"


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Yield key and text of each value; the text of a pair is both with a colon between."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict) and value.keys() >= _PAIR:
        yield _pair(value["key"], value["value"])
    elif isinstance(value, dict):
        yield from (_pair(key, member) for key, member in value.items())
    elif value is not None:
        yield "", _text(value)


def _pair(key: Any, value: Any) -> tuple[str, str]:
    return _text(key), f"{_text(key)}:{_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
