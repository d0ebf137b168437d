"""Sessions: a key of the gateway, exchanged for a cookie that no script can read."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from tallystick import randomness
from tallystick.apis.gateway.tables import sessions
from tallystick.apis.keys import ApiKey
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.exceptions import Unauthenticated, Unavailable
from tallystick.times import format_ms

COOKIE = "tallystick_session"
LIFETIME_MS = 12 * 3_600_000
MAX_PER_KEY = 100
"""With one more, the oldest session of the key ends."""

_SECRET_BYTES = 32


class GatewaySessions:
    """The sessions of all processes: each call looks its own up, so a sign-out holds everywhere."""

    def __init__(self, context: ServiceContext, api: str) -> None:
        self._database = context.database
        self._keys = context.keys
        self._clock = context.clock
        self._count_bad_credential = context.count_bad_credential
        self._is_secure = context.settings.speaks_tls
        self._api = api

    async def create_session(self, secret: str, origin: str = "") -> tuple[Mapping[str, Any], str]:
        """Return a session of the key with this secret, and its cookie.

        The cookie is for TLS alone if the server speaks it, or the `origin` of the page says so.
        Raise `Unauthenticated`, or `TooManyRequests` after too many bad secrets of an address.
        """
        key = self._keys.get_key(self._api, secret)
        if key is None:
            self._count_bad_credential()
            raise Unauthenticated
        self._keys.admit_key(key, ())
        now_ms = self._clock.now_ms()
        expires = min(now_ms + LIFETIME_MS, key.expires or now_ms + LIFETIME_MS)
        made = randomness.token_urlsafe(_SECRET_BYTES)
        row = {"digest": _digest(made), "key_id": key.id, "created": now_ms, "expires": expires}
        await self._database.write(lambda connection: _add(connection, row, now_ms))
        is_secure = self._is_secure or origin.startswith("https:")
        return _shown(key, expires), _cookie(made, (expires - now_ms) // 1000, is_secure)

    async def authenticate(self, secret: str, scopes: Sequence[str]) -> Mapping[str, Any]:
        """Return the caller by the secret of a session, with the rights of its key.

        Raise `Unauthenticated` after its end, and `Forbidden` without a scope.
        """
        digest = _digest(secret)
        row = await self._database.read(lambda connection: _find(connection, digest))
        key = self._keys.get_key_by_id(row.key_id) if row else None
        if row is None or key is None or row.expires <= self._clock.now_ms():
            raise Unauthenticated
        self._keys.admit_key(key, scopes)
        return {"sub": key.id, "session": digest, "expires": row.expires}

    async def are_in_force(self, callers: Sequence[Mapping[str, Any]]) -> list[bool]:
        """Return for each caller whether their key is valid, and their session is not over."""
        named = {caller["session"] for caller in callers if "session" in caller}
        ended, now_ms = await self._find_ended(named), self._clock.now_ms()
        return [
            self._keys.get_key_by_id(caller["sub"]) is not None
            and caller.get("session") not in ended
            and caller.get("expires", math.inf) > now_ms
            for caller in callers
        ]

    async def _find_ended(self, named: Set[str]) -> Set[str]:
        """Return those of the sessions that are over; none while the database is away."""
        if not named:
            return named
        with suppress(Unavailable):  # keys and expiry are known all the same
            return named - await self._database.read(lambda connection: _kept(connection, named))
        return frozenset()

    def get_session(self, caller: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the session of a caller; raise `Unauthenticated` if its key ends just now."""
        key = self._keys.get_key_by_id(caller["sub"])
        if key is None:
            raise Unauthenticated
        return _shown(key, caller["expires"])

    async def delete_session(self, caller: Mapping[str, Any]) -> str:
        """End the session of a caller; return the cookie that removes theirs."""
        ended = delete(sessions).where(sessions.c.digest == caller["session"])
        await self._database.write(lambda connection: connection.execute(ended))
        return _cookie("", 0, self._is_secure)


def _cookie(value: str, seconds: int, is_secure: bool) -> str:
    secure = "; Secure" if is_secure else ""
    return f"{COOKIE}={value}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}{secure}"


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _shown(key: ApiKey, expires: int) -> Mapping[str, Any]:
    return {"name": key.name, "scopes": sorted(key.scopes), "expires": format_ms(expires)}


def _find(connection: Connection, digest: str) -> Row[Any] | None:
    return connection.execute(select(sessions).where(sessions.c.digest == digest)).first()


def _kept(connection: Connection, digests: Set[str]) -> Set[str]:
    """Return those of the sessions that were not ended."""
    if not digests:
        return frozenset()
    found = select(sessions.c.digest).where(sessions.c.digest.in_(sorted(digests)))
    return set(connection.scalars(found))


def _add(connection: Connection, row: Mapping[str, Any], now_ms: int) -> None:
    """Store a session, and remove those that are over."""
    connection.execute(delete(sessions).where(sessions.c.expires <= now_ms))
    connection.execute(insert(sessions).values(row))
    own = select(sessions.c.digest).where(sessions.c.key_id == row["key_id"])
    older = own.order_by(sessions.c.created.desc(), sessions.c.digest).limit(1000)
    over = connection.scalars(older.offset(MAX_PER_KEY)).all()
    if over:
        connection.execute(delete(sessions).where(sessions.c.digest.in_(over)))
