"""Decodes a body in the encoding `zstd`, by the extra `encodings`."""

from __future__ import annotations

import zstandard

from tallystick.mock.decoded_body import NotDecoded, read_frames

WINDOW = 8 * 1024 * 1024
"""The window every decoder of HTTP must allow (RFC 8878, section 3.1.1.1.2, and RFC 9659)."""


def read_zstd(raw: bytes, limit: int) -> bytes:
    """Return the decoded body, or its first bytes if there are over `limit`; raise `NotDecoded`."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=WINDOW)
    try:
        return read_frames(raw, limit, decompressor.decompressobj)
    except zstandard.ZstdError:
        raise NotDecoded from None
