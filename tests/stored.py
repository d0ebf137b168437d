"""A database in memory for tests without coroutines: each call runs to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from tallystick.store import Database

T = TypeVar("T")


class Stored:
    """An open database with its event loop."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.database = Database("sqlite://")

    @classmethod
    @contextmanager
    def opened(cls) -> Iterator[Stored]:
        made = cls()
        made.run(made.database.open())
        try:
            yield made
        finally:
            made.run(made.database.close())
            made._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def write(self, function: Callable[..., T], *arguments: Any, **named: Any) -> T:
        """Call a function with a connection and these arguments, and commit its changes."""
        return self.run(self.database.write(lambda c: function(c, *arguments, **named)))
