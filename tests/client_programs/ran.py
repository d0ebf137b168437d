"""The results of the scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from client_programs.recorder import Exchange


class Ran(NamedTuple):
    """The results of one language's clients."""

    results: tuple[tuple[str, Any], ...]
    """Operations that succeeded, each with its result as JSON."""
    refused: frozenset[str]
    """Operations that were refused as declared in the contract."""
    exchanges: tuple[Exchange, ...]
    """The requests of all calls, but those to a server that is away, in their order."""
    asked: dict[str, int]
    """The number of requests of each kind to a server that is away."""
    user_agents: frozenset[str]

    @property
    def done(self) -> frozenset[str]:
        """Return the operations that succeeded."""
        return frozenset(operation for operation, _ in self.results)


Run = Callable[[str], Ran]
"""The fixture `ran`: run a language's scenarios once."""
