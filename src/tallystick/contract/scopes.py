"""Reads the scopes of an API's keys, and those required by an operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Scopes = Mapping[str, str]
"""Scope → the calls it allows, in words."""


def scope_table(root: Mapping[str, Any]) -> Scopes:
    """Return the scopes in a document's ``x-scopes``, and those of its OAuth flows."""
    schemes = root.get("components", {}).get("securitySchemes", {}).values()
    flows = [flow for scheme in schemes for flow in scheme.get("flows", {}).values()]
    declared = [flow.get("scopes") for flow in flows if isinstance(flow, Mapping)]
    found: dict[str, str] = {}
    for scopes in declared:
        found |= scopes if isinstance(scopes, Mapping) else {}
    found |= root.get("x-scopes", {})
    return found


def required_scopes(operation: Mapping[str, Any]) -> list[str]:
    """Return the scopes of which a call needs one; empty where any key is enough.

    OpenAPI 3.0 allows scopes in a requirement for OAuth alone, so a key's stand in
    ``x-required-scopes``.
    """
    return list(operation.get("x-required-scopes", ()))


def scope_faults(operation: Mapping[str, Any], known: Scopes) -> Iterator[str]:
    """Yield each scope of an operation that is missing from the document, as a text."""
    for scope in required_scopes(operation):
        if scope not in known:
            yield f"x-required-scopes: {scope} is not in x-scopes"
