"""Decodes a body in the encoding `br`, by the extra `encodings`."""

from __future__ import annotations

import brotli

from tallystick.mock.decoded_body import NotDecoded


def read_brotli(raw: bytes, limit: int) -> bytes:
    """Return the decoded body, or its first bytes if there are over `limit`; raise `NotDecoded`."""
    unpacker = brotli.Decompressor()
    try:
        decoded: bytes = unpacker.process(raw, output_buffer_limit=limit + 1)
    except brotli.error:
        raise NotDecoded from None
    if not unpacker.is_finished():
        raise NotDecoded
    return decoded
