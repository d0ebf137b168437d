"""The results of the scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Ran(NamedTuple):
    """The results of one language's clients."""

    done: frozenset[str]
    """Operations that succeeded."""
    refused: frozenset[str]
    """Operations that were refused as declared in the contract."""
    asked: dict[str, int]
    """The number of requests of each kind to a server that is away."""
    user_agents: frozenset[str]


Run = Callable[[str], Ran]
"""The fixture `ran`: run a language's scenarios once."""
