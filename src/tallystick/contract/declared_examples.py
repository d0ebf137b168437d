"""The examples that a contract declares for a parameter or a header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]


def declared_examples(node: Node, keywords: Node) -> Iterator[Any]:
    """Yield the examples of a parameter or a header, then those among its schema's keywords."""
    if "example" in node:
        yield node["example"]
    for example in node.get("examples", {}).values():
        if "value" in example:
            yield example["value"]
    if "example" in keywords:
        yield keywords["example"]
    if isinstance(keywords.get("examples"), list):
        yield from keywords["examples"]
