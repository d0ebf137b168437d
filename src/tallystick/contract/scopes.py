"""Scopes: what an operation asks of a key, and what the keys of an API can have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Scopes = Mapping[str, str]
"""Scope → what it allows."""


def scope_table(root: Mapping[str, Any]) -> Scopes:
    """Return the scopes of a document, which stand in its ``x-scopes``."""
    scopes: Scopes = root.get("x-scopes", {})
    return scopes


def required_scopes(operation: Mapping[str, Any]) -> list[str]:
    """Return the scopes of which a call needs one; empty where a key alone is enough.

    A key's requirement names no scopes in OpenAPI 3.0, so ``x-required-scopes`` does.
    """
    return list(operation.get("x-required-scopes", ()))


def scope_faults(operation: Mapping[str, Any], known: Scopes) -> Iterator[str]:
    """Return what is wrong with the scopes of an operation."""
    for scope in required_scopes(operation):
        if scope not in known:
            yield f"x-required-scopes: {scope} is not in x-scopes"
