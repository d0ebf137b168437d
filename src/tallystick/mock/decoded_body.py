"""Decodes bodies by their Content-Encoding, so that they can be judged and matched."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Protocol

MOST_ENCODINGS = 4
"""The most encodings of one body, one around the other."""

MOST_FRAMES = 1_000
"""The most frames of one body."""

PIECE = 256
"""Bytes decoded at a time, so that little is decoded in vain: zstd packs 128 KiB in four bytes."""

_GZIP = 16 + zlib.MAX_WBITS

_LIBRARIES = {"br": "brotli", "zstd": "zstandard"}
"""Encoding → its library, in the extra `encodings`."""


class NotDecoded(ValueError):
    """The body is broken, too large, or in an unknown encoding."""


def is_library_missing(encoding: str) -> bool:
    """Return whether a header names an encoding that needs the extra `encodings` here."""
    wanted = _LIBRARIES.keys() & set(_names(encoding))
    return any(find_spec(_LIBRARIES[name]) is None for name in wanted)


def decode_body(raw: bytes, encoding: str, limit: int) -> bytes:
    """Return a body without the encodings that its header names; raise `NotDecoded`.

    It has at most `limit` bytes: a small body may decode to gigabytes.
    """
    wanted = [name for name in _names(encoding) if name not in ("", "identity")]
    if len(wanted) > MOST_ENCODINGS:
        raise NotDecoded
    for name in reversed(wanted if raw else []):
        raw = _decode(raw, name, limit)
    return raw


def _names(encoding: str) -> list[str]:
    return [name.strip().lower() for name in encoding.split(",")]


def _decode(raw: bytes, name: str, limit: int) -> bytes:
    decoder = _DECODERS.get(name)
    if decoder is None:
        raise NotDecoded
    try:
        decoded = decoder(raw, limit)
    except zlib.error:
        raise NotDecoded from None
    if len(decoded) > limit:
        raise NotDecoded
    return decoded


class Unpacker(Protocol):
    """A decoder of one frame."""

    @property
    def eof(self) -> bool:
        """Return whether the frame has ended."""
        ...

    @property
    def unused_data(self) -> bytes:
        """Return the bytes after the end."""
        ...

    def decompress(self, raw: bytes, /) -> bytes:
        """Return the content of a piece."""
        ...


def read_frames(raw: bytes, limit: int, unpacker: Callable[[], Unpacker]) -> bytes:
    """Return the content of all frames, one after the other, read in small pieces."""
    decoded, at = bytearray(), 0
    for _ in range(MOST_FRAMES):
        frame = unpacker()
        while not frame.eof:
            piece = raw[at : at + PIECE]
            if not piece or len(decoded) > limit:
                raise NotDecoded
            decoded += frame.decompress(piece)
            at += len(piece)
        at -= len(frame.unused_data)
        if at == len(raw):
            return bytes(decoded)
    raise NotDecoded


def _gunzip(raw: bytes, limit: int) -> bytes:
    return read_frames(raw, limit, lambda: zlib.decompressobj(_GZIP))


def _inflate(raw: bytes, limit: int) -> bytes:
    try:
        return read_frames(raw, limit, zlib.decompressobj)
    except zlib.error:  # some servers send deflate without zlib's frame
        return read_frames(raw, limit, lambda: zlib.decompressobj(-zlib.MAX_WBITS))


def _read_brotli(raw: bytes, limit: int) -> bytes:
    try:
        from tallystick.mock.brotli_body import read_brotli
    except ImportError:
        raise NotDecoded from None
    return read_brotli(raw, limit)


def _read_zstd(raw: bytes, limit: int) -> bytes:
    try:
        from tallystick.mock.zstd_body import read_zstd
    except ImportError:
        raise NotDecoded from None
    return read_zstd(raw, limit)


_DECODERS: Mapping[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _inflate,
    "br": _read_brotli,
    "zstd": _read_zstd,
}
