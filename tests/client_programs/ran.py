"""What comes of running the scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Ran(NamedTuple):
    """What the clients of one language did."""

    done: frozenset[str]
    """Operations that succeeded."""
    refused: frozenset[str]
    """Operations that were refused as the contract says."""
    asked: dict[str, int]
    """How often a server that is away was asked for what."""
    user_agents: frozenset[str]


Run = Callable[[str], Ran]
"""The fixture `ran`: run a language's scenarios, once."""
