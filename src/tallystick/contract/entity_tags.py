"""Entity tags: the version of an answer, as RFC 9110 has them in headers."""

from __future__ import annotations


def is_known(known: bytes, etag: bytes) -> bool:
    """Return whether an ``If-None-Match`` names the answer, by weak comparison."""
    tags = {tag.strip().removeprefix(b"W/") for tag in known.split(b",")}
    return b"*" in tags or etag.removeprefix(b"W/") in tags
