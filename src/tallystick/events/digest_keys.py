"""The keys of a digest: three bytes for each API, source, type and subject of its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from hashlib import blake2b
from struct import unpack
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, LargeBinary, Table, bindparam, or_

from tallystick.events.selection import EventSelection
from tallystick.store.sql import has_bytes

KEY_BYTES = 3
MANY_KEYS = 24
"""The number of keys up to which the database looks for each; of more, a digest is looked up."""

_ColumnName: TypeAlias = Literal["streams", "subjects"]


Shape: TypeAlias = tuple[tuple[_ColumnName, int], ...]
"""The columns of a digest that must have a key of some, each with the number of these."""


class SoughtKeys(NamedTuple):
    """The keys of a selection: a digest of its events has one of each set."""

    shape: Shape
    """What the database looks for; selections of one shape have the same statements."""
    values: Mapping[str, bytes]
    """The keys that it looks for, as the values of `may_have`."""
    many: Sequence[Set[bytes]]
    """The sets of many keys, each for `has_each`."""


class _Wanted(NamedTuple):
    """Keys of which a digest must have one in a column to have events of a filter."""

    column: _ColumnName
    keys: Sequence[bytes]


def seek_keys(selection: EventSelection) -> SoughtKeys:
    """Return the keys of a selection."""
    sets = list(_wanted(selection))
    few = [each for each in sets if len(each.keys) <= MANY_KEYS]
    return SoughtKeys(
        tuple((column, len(keys)) for column, keys in few),
        {_name(n, i): key for n, (_, keys) in enumerate(few) for i, key in enumerate(keys)},
        [frozenset(keys) for _, keys in sets if len(keys) > MANY_KEYS],
    )


def may_have(dialect: str, digests: Table, shape: Shape) -> list[ColumnElement[bool]]:
    """Return the conditions of digests with a key of each set of a shape."""
    return [
        or_(
            *(
                has_bytes(dialect, digests.c[column], bindparam(_name(n, i), type_=LargeBinary))
                for i in range(keys)
            )
        )
        for n, (column, keys) in enumerate(shape)
    ]


def has_each(streams: bytes, many: Sequence[Set[bytes]]) -> bool:
    """Return whether a digest has a key of each set."""
    keys = split_keys(streams)
    return not any(wanted.isdisjoint(keys) for wanted in many)


def split_keys(digest: bytes) -> Sequence[bytes]:
    """Return the keys that a column of a digest has."""
    # Of two hundred keys, 10 µs; a set of slices takes 34.
    return unpack(f"{KEY_BYTES}s" * (len(digest) // KEY_BYTES), digest)


def join_keys(keys: Set[bytes]) -> bytes:
    """Return a column of a digest."""
    return b"".join(sorted(keys))


# The streams of one block are those of the next.
@lru_cache(1_024)
def stream_keys(api: str, source: str, type_: str) -> Sequence[bytes]:
    """Return the keys of an event's API, source and type."""
    return _key("api", api), _key("source", source), _key("type", type_), _pair(source, type_)


def subject_key(subject: str) -> bytes:
    """Return the key of a subject."""
    return _key("subject", subject)


def _wanted(selection: EventSelection) -> Iterator[_Wanted]:
    """Yield the keys by column; a digest of selected events has one of each.

    The rarest come first: most digests lack those, and are looked at once.
    """
    api, source, type_ = selection.api, selection.source, selection.type
    if selection.subject is not None:
        yield _Wanted("subjects", [subject_key(selection.subject)])
    if source is not None and type_ is not None:
        yield _Wanted("streams", [_pair(source, type_)])
    values = {
        "type": [type_] if type_ is not None else selection.types,
        "source": [source] if source is not None else selection.sources,
        "api": [api] if api is not None else [],
    }
    for kind, some in values.items():
        if some:
            yield _Wanted("streams", [_key(kind, value) for value in some])


def _name(number: int, place: int) -> str:
    return f"key_{number}_{place}"


def _pair(source: str, type_: str) -> bytes:
    return _key("pair", source, type_)


def _key(kind: str, *values: str) -> bytes:
    # Of ten thousand blocks, one or two are read in vain.
    text = "\0".join((kind, *values))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).digest()[:KEY_BYTES]
