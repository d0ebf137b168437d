"""Searches by words: ``q=red shoes`` lists the items with both of them, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tallystick.apis.generic.filter_expression import ExpressionFilter
from tallystick.apis.generic.resource_store import Item
from tallystick.contract.page_names import plain_name
from tallystick.contract.schema_shape import SchemaShape

SEARCHES = frozenset(
    "fulltext keyword keywords q query search searchquery searchterm searchtext".split()
)
"""Names of parameters for words to search, without their signs and case."""

MAX_TEXT = 500
"""Characters of a text with words: each is looked for in each item."""

MAX_WORDS = 20

_WORD = re.compile(r'\s*(?:"([^"]*)"|([^\s":=<>()\[\]{}~^|&]+))')
_is_uuid = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch
_OF_LANGUAGES = frozenset("OR NOT eq ne neq gt ge gte lt le lte co sw ew".split())
_SIGNS = ("-", "+", "!")
"""What goes before a word that must, or must not, be there in many languages."""


def read_search(parameter: str, value: Any, shape: SchemaShape) -> ExpressionFilter | None:
    """Return the filter of a text with words; None for a text in a language of its own."""
    if plain_name(parameter) not in SEARCHES or not isinstance(value, str):
        return None
    words = _words(value.strip())
    if not words:
        return None
    names = frozenset(
        name for name in shape.properties if not shape.member(name).keywords.get("writeOnly")
    )

    def takes(item: Item) -> bool:
        shown = {name: each for name, each in item.items() if not names or name in names}
        left = set(words)
        for text, is_whole in _texts(shown):
            left -= {text} if is_whole else {word for word in left if word in text}
            if not left:
                return True
        return False

    return ExpressionFilter(takes)


def _words(text: str) -> frozenset[str]:
    """Return the words and the quoted phrases of a text; none if it has anything else."""
    found = []
    place = 0
    while place < len(text) <= MAX_TEXT:
        match = _WORD.match(text, place)
        if match is None:
            return frozenset()
        phrase, word = match.groups()
        if word and (word in _OF_LANGUAGES or word.startswith(_SIGNS)):
            return frozenset()
        if word != "AND":
            found.append((phrase or word or "").rstrip("*").lower())
        place = match.end()
    return frozenset(filter(None, found)) if len(found) <= MAX_WORDS else frozenset()


def _texts(item: Any) -> Iterator[tuple[str, bool]]:
    """Yield all texts and numbers within an item, in small letters.

    A number or a UUID counts as a whole: a part of it is there by chance.
    """
    pending = [item]
    while pending:
        each = pending.pop()
        if isinstance(each, Mapping):
            pending += each.values()
        elif isinstance(each, list):
            pending += each
        elif isinstance(each, str):
            yield each.lower(), _is_uuid(each) is not None
        elif isinstance(each, int | float) and not isinstance(each, bool):
            yield str(each), True
