"""Random values, drawn in one place: nobody can guess them, and a seed makes them repeat.

It is the process's, as the machine's own chance is, so that a module that makes an id need not be
handed its source.
"""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

T = TypeVar("T")


class RandomnessState(NamedTuple):
    """Where a repeating source stands; of the machine's own there is nothing to tell."""

    drawn: Any
    steps: Any


class _Source:
    def __init__(self) -> None:
        self.random: random.Random = random.SystemRandom()


_source = _Source()


def seed(seed: int) -> None:
    """Draw the same from now on whenever the seed is the same: everybody can guess it."""
    _source.random = random.Random(seed)
    # What need not be secret, such as the steps between ids, comes from here.
    random.seed(seed)


def is_seeded() -> bool:
    """Whether a seed was given."""
    return not isinstance(_source.random, random.SystemRandom)


def get_state() -> RandomnessState | None:
    """Where the source stands; None for the machine's own."""
    return RandomnessState(_source.random.getstate(), random.getstate()) if is_seeded() else None


def set_state(kept: RandomnessState | None) -> None:
    """Draw on from a state that was kept."""
    if kept is not None:
        _source.random.setstate(kept.drawn)
        random.setstate(kept.steps)


def random_bits(count: int) -> int:
    """So many random bits."""
    return _source.random.getrandbits(count)


def token_bytes(count: int) -> bytes:
    """So many random bytes."""
    return _source.random.randbytes(count)


def token_hex(count: int) -> str:
    """So many random bytes, in hexadecimal."""
    return token_bytes(count).hex()


def token_urlsafe(count: int) -> str:
    """So many random bytes, in letters that a URL takes."""
    return urlsafe_b64encode(token_bytes(count)).rstrip(b"=").decode()


def choice(options: Sequence[T]) -> T:
    """One of them."""
    return _source.random.choice(options)


def random_fraction() -> float:
    """A number of at least 0 and less than 1."""
    return _source.random.random()


def uuid4() -> UUID:
    """A random UUID."""
    return UUID(bytes=token_bytes(16), version=4)
