"""Bounds of a read over a table that may be large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, select


def first_within(
    connection: Connection, key: Column[Any], rules: Sequence[ColumnElement[bool]], rows: int
) -> str | None:
    """Return the lowest key of the `rows` rows with the highest ones; None if there are fewer.

    The rules are conditions on the key alone, so that the read is as short as it can be.
    """
    newest = select(key).where(*rules).order_by(key.desc())
    found = connection.execute(newest.limit(2).offset(rows - 1)).scalars().all()
    return found[0] if len(found) > 1 else None
