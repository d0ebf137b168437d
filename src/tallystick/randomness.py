"""Random values for the whole process: unpredictable, or repeatable after a seed.

They come from one source of the process, so callers need not pass one along.
"""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

T = TypeVar("T")


class RandomnessState(NamedTuple):
    """A state of the seeded generators."""

    drawn: Any
    steps: Any


class _Source:
    def __init__(self) -> None:
        self.random: random.Random = random.SystemRandom()


_source = _Source()


def seed(seed: int) -> None:
    """Make all later values repeat for the same seed; anybody can predict them then."""
    _source.random = random.Random(seed)
    # What need not be secret, such as the steps between ids, comes from here.
    random.seed(seed)


def is_seeded() -> bool:
    """Return whether a seed was set."""
    return not isinstance(_source.random, random.SystemRandom)


def get_state() -> RandomnessState | None:
    """Return the generators' state, or None without a seed."""
    return RandomnessState(_source.random.getstate(), random.getstate()) if is_seeded() else None


def set_state(kept: RandomnessState | None) -> None:
    """Go back to a state from `get_state`; None changes nothing."""
    if kept is not None:
        _source.random.setstate(kept.drawn)
        random.setstate(kept.steps)


def random_bits(count: int) -> int:
    """Return an integer of `count` random bits."""
    return _source.random.getrandbits(count)


def token_bytes(count: int) -> bytes:
    """Return `count` random bytes."""
    return _source.random.randbytes(count)


def token_hex(count: int) -> str:
    """Return `count` random bytes in hexadecimal."""
    return token_bytes(count).hex()


def token_urlsafe(count: int) -> str:
    """Return `count` random bytes in Base64 for URLs, without padding."""
    return urlsafe_b64encode(token_bytes(count)).rstrip(b"=").decode()


def choice(options: Sequence[T]) -> T:
    """Return a random one of the options."""
    return _source.random.choice(options)


def random_fraction() -> float:
    """Return a random number of at least 0 and less than 1."""
    return _source.random.random()


def uuid4() -> UUID:
    """Return a random UUID of version 4."""
    return UUID(bytes=token_bytes(16), version=4)


def uuid4_text() -> str:
    """Return a random UUID of version 4 as text, without an object made of it."""
    drawn = token_bytes(16).hex()
    variant = _VARIANTS[drawn[16]]
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"


_VARIANTS = {digit: "89ab"[int(digit, 16) % 4] for digit in "0123456789abcdef"}
