"""The API keys of callers, stored as SHA-256 digests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from tallystick import randomness
from tallystick.apis.caller_limits import CallerLimits
from tallystick.apis.key_limits import KeyLimits, limits_to_text, text_to_limits
from tallystick.apis.key_quotas import KeyQuotas
from tallystick.apis.key_use import KeyUse
from tallystick.clock import Clock
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.store import Database, bump_revision
from tallystick.store.tables import keys

Authenticator: TypeAlias = Callable[[str, Sequence[str]], Mapping[str, object]]
"""``f(secret, required_scopes)`` returns the caller, for a contract's security scheme."""

REVISION = "keys"
ALL_SCOPES = "*"
"""A scope that stands for all scopes of the API, including future ones."""

SECRET_BYTES = 32


class ApiKey(NamedTuple):
    """A key and its rights; times are in milliseconds since the epoch, or None."""

    id: str
    api: str
    name: str
    scopes: frozenset[str]
    project: str | None
    created: int
    expires: int | None
    revoked: int | None
    used: int | None
    """The last use, exact to a minute."""
    limits: KeyLimits | None = None


class ApiKeys:
    """The keys of all APIs, with the valid ones in memory."""

    def __init__(self, database: Database, clock: Clock, *, dev: bool = False) -> None:
        """With `dev`, the dev world's keys are valid too; their secrets are public."""
        self._database = database
        self._clock = clock
        self._dev = dev
        self._live: Mapping[tuple[str, str], tuple[str, ApiKey]] = {}
        self._live_by_id: Mapping[str, ApiKey] = {}
        self._dev_ids: frozenset[str] = frozenset()
        self._loading = asyncio.Lock()
        self._use = KeyUse(database, clock)
        self.quotas = KeyQuotas(database, clock)
        """Counts what keys use of their quotas."""
        self.limits = CallerLimits(self.quotas)
        """Holds the call at hand to the limits of its key."""

    async def open(self) -> None:
        """Load the keys, and reload them after a change by any process."""
        await self._database.revisions.watch(REVISION, self.load)
        self._use.open()
        self.quotas.open()

    async def close(self) -> None:
        """Store the last uses."""
        await self.quotas.close()
        await self._use.close()

    def get_key(self, api: str, secret: str) -> ApiKey | None:
        """Return the API's valid key with this secret, or None."""
        digest = _digest(secret)
        kept, key = self._live.get((api, digest), _NONE)
        return key if compare_digest(kept, digest) and self._is_in_force(key) else None

    def has_keys(self) -> bool:
        """Return whether any key is in force."""
        return any(map(self._is_in_force, self._live_by_id.values()))

    def get_key_by_id(self, id_: str) -> ApiKey | None:
        """Return the valid key with this id, or None."""
        key = self._live_by_id.get(id_)
        return key if self._is_in_force(key) else None

    def is_dev_key(self, id_: str) -> bool:
        """Return whether the key with this id is one of the dev world."""
        return id_ in self._dev_ids

    async def read_valid_key(self, id_: str) -> ApiKey | None:
        """Return the valid key with this id, also one that another process made just now."""
        await self.load()
        return self.get_key_by_id(id_)

    def authenticate(self, api: str, secret: str, scopes: Sequence[str] = ()) -> ApiKey:
        """Return the API's valid key with this secret and one of the scopes, if any are given.

        Raise `Unauthenticated` for an unknown, expired or revoked secret, and `Forbidden` without
        the scope.
        """
        key = self.get_key(api, secret)
        if key is None:
            raise Unauthenticated
        self.admit_key(key, scopes)
        return key

    def admit_key(self, key: ApiKey, scopes: Sequence[str]) -> None:
        """Begin a call of a key; raise `Forbidden` if it has none of the given scopes.

        Raise `TooManyRequests` over its quota of requests.
        """
        self._use.add_key(key.id)
        if key.limits is not None:
            self.limits.begin_call(key.id, key.limits)
        refuse_without_scope(key, scopes)

    def authenticator(self, api: str) -> Authenticator:
        """Return the function that authenticates an API's callers by the secret they send."""

        def authenticate(secret: str, scopes: Sequence[str]) -> Mapping[str, object]:
            return {"sub": self.authenticate(api, secret, scopes).id}

        return authenticate

    async def create_key(
        self,
        api: str,
        name: str,
        scopes: Iterable[str] = (),
        project: str | None = None,
        expires: int | None = None,
        secret: str | None = None,
        limits: KeyLimits | None = None,
    ) -> tuple[ApiKey, str]:
        """Create a key; return it with its secret, of which only the digest is stored.

        A given `secret` makes it a key of the dev world; an existing key with that secret is
        returned unchanged.
        """
        if secret is not None and (known := self.get_key(api, secret)):
            return known, secret  # each start asks for all keys of the dev world
        made = await self._database.write(
            lambda c: self.add_key(c, api, name, scopes, project, expires, secret, limits)
        )
        await self.load()
        return made

    def add_key(
        self,
        connection: Connection,
        api: str,
        name: str,
        scopes: Iterable[str] = (),
        project: str | None = None,
        expires: int | None = None,
        secret: str | None = None,
        limits: KeyLimits | None = None,
    ) -> tuple[ApiKey, str]:
        """Return a key as `create_key` does, in a transaction; it is valid after a `load`."""
        # Imported late, as a command that lists keys needs nothing of the log.
        from tallystick.events import new_id

        given = f"{api}_{randomness.token_urlsafe(SECRET_BYTES)}" if secret is None else secret
        now_ms = self._clock.now_ms()
        made = ApiKey(
            id=new_id(now_ms),
            api=api,
            name=name,
            scopes=frozenset(scopes),
            project=project,
            created=now_ms,
            expires=expires,
            revoked=None,
            used=None,
            limits=limits,
        )
        return _kept(connection, made, _digest(given), dev=secret is not None), given

    async def list_keys(self) -> list[ApiKey]:
        """Return all keys, also revoked ones, the oldest first."""
        rows = await self._database.read(_rows)
        return [_key(row) for row in rows]

    async def list_newest(
        self, api: str | None, limit: int, before: str | None, *rules: ColumnElement[bool]
    ) -> list[ApiKey]:
        """Return the newest keys of an API, or of all, older than the one with the id `before`.

        All `rules` on their rows hold for them.
        """
        chosen = select(keys).where(*rules).order_by(keys.c.id.desc()).limit(limit)
        chosen = chosen if api is None else chosen.where(keys.c.api == api)
        chosen = chosen if before is None else chosen.where(keys.c.id < before)
        rows = await self._database.read(lambda c: list(c.execute(chosen)))
        return [_key(row) for row in rows]

    async def end_key(self, id_: str, expires: int) -> None:
        """Let a key end at this time, unless it ends earlier."""
        await self._database.write(lambda c: _end(c, id_, expires))
        await self.load()

    async def revoke_key(self, id_: str) -> bool:
        """Revoke a key, here at once and elsewhere within a second; return whether it was valid."""
        now_ms = self._clock.now_ms()
        is_revoked = await self._database.write(lambda c: _revoke(c, id_, now_ms))
        await self.load()
        return is_revoked

    async def load(self) -> None:
        """Load a state at least as new as this call."""
        # One load at a time, so that an older state can't replace a newer one.
        async with self._loading:
            rows = await self._database.read(_rows)
            self._live = {
                (row.api, row.digest): (row.digest, _key(row))
                for row in rows
                if row.revoked is None and (self._dev or not row.dev)
            }
            self._dev_ids = frozenset(row.id for row in rows if row.dev)
            self._live_by_id = {key.id: key for _, key in self._live.values()}
            limited = [key.limits for key in self._live_by_id.values() if key.limits]
            self.limits.is_used = bool(limited)
            self.quotas.is_used = any(limits.quotas for limits in limited)

    def _is_in_force(self, key: ApiKey | None) -> bool:
        return key is not None and (key.expires is None or key.expires > self._clock.now_ms())


def refuse_without_scope(key: ApiKey, scopes: Sequence[str]) -> None:
    """Raise `Forbidden` if the key has none of the given scopes; pass if none is given."""
    if scopes and ALL_SCOPES not in key.scopes and key.scopes.isdisjoint(scopes):
        needed = " or ".join(scopes)
        raise Forbidden(f"The key lacks the scope that this call needs: {needed}.", scopes=scopes)


_NONE = ("", None)


def _digest(secret: str) -> str:
    # A header may hold half surrogate pairs, which UTF-8 can't encode.
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _rows(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(keys).order_by(keys.c.created, keys.c.id)))


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.id,
        row.api,
        row.name,
        frozenset(row.scopes.split()),
        row.project,
        row.created,
        row.expires,
        row.revoked,
        row.used,
        text_to_limits(row.limits),
    )


def _kept(connection: Connection, key: ApiKey, digest: str, *, dev: bool) -> ApiKey:
    """Return the stored key with this secret, or store the given one."""
    same = select(keys).where(keys.c.api == key.api, keys.c.digest == digest)
    if row := connection.execute(same).first():
        return _key(row)
    fields = key._asdict() | {
        "scopes": " ".join(sorted(key.scopes)),
        "limits": limits_to_text(key.limits),
    }
    connection.execute(insert(keys).values(**fields, digest=digest, dev=dev))
    bump_revision(connection, REVISION)
    return key


def _end(connection: Connection, id_: str, expires: int) -> None:
    is_later = keys.c.expires.is_(None) | (keys.c.expires > expires)
    connection.execute(update(keys).where(keys.c.id == id_, is_later).values(expires=expires))
    bump_revision(connection, REVISION)


def _revoke(connection: Connection, id_: str, now_ms: int) -> bool:
    changed = connection.execute(
        update(keys).where(keys.c.id == id_, keys.c.revoked.is_(None)).values(revoked=now_ms)
    )
    if changed.rowcount:
        bump_revision(connection, REVISION)
    return bool(changed.rowcount)
