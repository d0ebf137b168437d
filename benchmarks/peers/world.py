"""What the peers know of the dev world: a key, a client and its event."""

from __future__ import annotations

import time
from typing import Any

import jwt

API_KEY = "XXX1XX12XxxxXXxxXXx0xXxx"
CLIENT = "dev-client"
CLIENT_SECRET = "dev-secret"
OWNERS = {"quiet-bomb-0000000000": CLIENT}
"""Event → the client that may send it."""

CREATED = "Event created successfully"
NO_CONTRACTS = "Success, but no contracts exists for this event"

_KEY = "a key of the benchmark's own, which signs nothing else"
_LIFE_S = 24 * 60 * 60


def token() -> str:
    """A token of the client."""
    now = int(time.time())
    return jwt.encode({"data": {"id": CLIENT}, "iat": now, "exp": now + _LIFE_S}, _KEY, "HS256")


def client_of(token: str) -> str:
    """Whose token that is; raises `jwt.InvalidTokenError`."""
    claims: dict[str, Any] = jwt.decode(token, _KEY, ["HS256"])
    client: str = claims["data"]["id"]
    return client
