"""The transfer codings of a request's body, as its Transfer-Encoding tells them."""

from __future__ import annotations

from collections.abc import Iterable

TRANSFER_ENCODING = b"transfer-encoding"
_CHUNKED = b"chunked"


def is_coded_in_chunks(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Return whether the chunks hold a body in a further coding, such as ``gzip, chunked``.

    Any other end than chunked is for the parser to refuse: such a body's length is unknown.
    """
    lines = b",".join(value for name, value in headers if name == TRANSFER_ENCODING)
    codings = [coding for each in lines.lower().split(b",") if (coding := each.strip())]
    return len(codings) > 1 and codings[-1] == _CHUNKED
