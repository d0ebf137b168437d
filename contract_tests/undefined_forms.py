"""Requests in a form without a meaning in OpenAPI."""

from __future__ import annotations

from collections import Counter
from urllib.parse import parse_qsl, urlsplit

from . import contract
from .left_to_http import text_of


def has_undefined_form(operation: contract.DeclaredOperation, url: str | bytes) -> bool:
    """Return whether a member of a `deepObject` in a query is a list or an object itself.

    OpenAPI 3.1.1 (4.8.12.3) leaves their form open, so a server may read them its own way.
    """
    names = Counter(name for name, _ in parse_qsl(urlsplit(text_of(url)).query, True))
    starts = tuple(
        f"{each['name']}["
        for each in contract.parameters(operation)
        if each["in"] == "query" and each.get("style") == "deepObject"
    )
    return any(
        name.startswith(start) and (count > 1 or "[" in name[len(start) :])
        for name, count in names.items()
        for start in starts
    )
