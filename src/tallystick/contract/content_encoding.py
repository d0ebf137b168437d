"""A body as it was before its client packed it."""

from __future__ import annotations

import zlib

from tallystick.contract.exceptions import TooLarge, UnknownEncoding

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset({b"", b"identity"})
_PACKED = frozenset({b"gzip", b"x-gzip"})


class NotPacked(ValueError):
    """The body is no gzip, or not all of one."""


def unpack_body(raw: bytes, encoding: bytes, limit: int) -> bytes:
    """Return the body that a Content-Encoding packed, of at most `limit` bytes.

    Raises `UnknownEncoding`, `TooLarge` or `NotPacked`.
    """
    name = encoding.strip().lower()
    if name in _PLAIN or not raw:
        return raw
    if name not in _PACKED:
        raise UnknownEncoding
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        raise NotPacked from None
    if len(body) > limit:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise NotPacked
    return body
