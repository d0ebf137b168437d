"""Decodes a request body by its Content-Encoding (RFC 9110, section 8.4)."""

from __future__ import annotations

import zlib

from tallystick.contract.exceptions import TooLarge, UnknownEncoding

_GZIP = 16 + zlib.MAX_WBITS
_PLAIN = frozenset({b"", b"identity"})
_PACKED = frozenset({b"gzip", b"x-gzip"})


class NotPacked(ValueError):
    """The body is broken or incomplete gzip."""


def unpack_body(raw: bytes, encoding: bytes, limit: int) -> bytes:
    """Return the decoded body, of at most `limit` bytes.

    Raises `UnknownEncoding`, `TooLarge` or `NotPacked`.
    """
    name = encoding.strip().lower()
    if name in _PLAIN or not raw:
        return raw
    if name not in _PACKED:
        raise UnknownEncoding
    unpacker = zlib.decompressobj(_GZIP)
    try:
        # One byte over the limit is enough to refuse it: a small body may unpack to gigabytes.
        body = unpacker.decompress(raw, limit + 1)
    except zlib.error:
        raise NotPacked from None
    if len(body) > limit:
        raise TooLarge
    if not unpacker.eof or unpacker.unused_data:
        raise NotPacked
    return body
