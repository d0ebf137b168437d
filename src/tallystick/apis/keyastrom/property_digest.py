"""Marks of an event's properties, for the database to find any text by.

Neither database can look for any text within JSON: PostgreSQL refuses U+0000 there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import blake2b


def digest_properties(properties: Mapping[str, str]) -> str:
    """Return all marks of one event, each with a space before and after it."""
    marks = [digest_property(key, value) for key, value in properties.items()]
    return f" {' '.join(marks)} " if marks else ""


def digest_property(key: str, value: str) -> str:
    """Return 16 hexadecimal digits for one property."""
    return blake2b(json.dumps([key, value]).encode(), digest_size=8).hexdigest()
