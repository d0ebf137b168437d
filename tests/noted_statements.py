"""The statements that a test's block executes, on any connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.event import listen, remove


@contextmanager
def noted_statements() -> Iterator[list[tuple[str, Any]]]:
    """Note each statement of the block with its parameters."""
    noted: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        noted.append((statement, parameters))

    listen(Engine, "before_cursor_execute", note)
    try:
        yield noted
    finally:
        remove(Engine, "before_cursor_execute", note)
