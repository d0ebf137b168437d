"""Tokens issued for an access key: each proves itself, without being stored."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from typing import NamedTuple

LIFETIME = timedelta(days=1)


class IssuedToken(NamedTuple):
    """The parts of a token."""

    access_key: str
    expires: int
    """Seconds since the epoch."""
    digest: str


def issue_token(access_key: str, secret_key: str, now: datetime) -> tuple[str, datetime]:
    """Return a token of an access key, and when it ends."""
    ends = (now + LIFETIME).replace(microsecond=0)
    expires = int(ends.timestamp())
    return f"{access_key}.{expires}.{_digest(access_key, expires, secret_key)}", ends


def read_token(text: str) -> IssuedToken | None:
    """Return the parts of a token; None for another text."""
    parts = text.rsplit(".", 2)
    if len(parts) != 3 or not (parts[1].isascii() and parts[1].isdigit() and len(parts[1]) < 16):
        return None
    return IssuedToken(parts[0], int(parts[1]), parts[2])


def is_genuine(token: IssuedToken, secret_key: str, now: datetime) -> bool:
    """Return whether the token was issued with the secret key, and has not ended."""
    expected = _digest(token.access_key, token.expires, secret_key)
    is_own = hmac.compare_digest(expected.encode(), token.digest.encode("utf-8", "replace"))
    return is_own and now.timestamp() < token.expires


def _digest(access_key: str, expires: int, secret_key: str) -> str:
    text = f"eventgrid token {access_key}.{expires}"
    return hmac.new(secret_key.encode(), text.encode(), "sha256").hexdigest()
