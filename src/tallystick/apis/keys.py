"""Keys of callers, kept as SHA-256 only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, insert, select, update

from tallystick import randomness
from tallystick.apis.key_use import KeyUse
from tallystick.clock import Clock
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.events import new_id
from tallystick.store import Database, bump_revision
from tallystick.store.tables import keys

Authenticator: TypeAlias = Callable[[str, Sequence[str]], Mapping[str, object]]
"""``f(secret, required_scopes)`` returns the caller, as a contract's security scheme asks."""

REVISION = "keys"
ALL_SCOPES = "*"
"""In the place of scopes: every scope that the API has, also those that it gains later."""

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What one key allows; times are milliseconds since the epoch, None for what never happens."""

    id: str
    api: str
    name: str
    scopes: frozenset[str]
    project: str | None
    created: int
    expires: int | None
    revoked: int | None
    used: int | None
    """Its last use, to the minute."""


class ApiKeys:
    """All keys of all APIs; those that are in force are found in memory."""

    def __init__(self, database: Database, clock: Clock, *, dev: bool = False) -> None:
        """`dev`: the keys of the dev world, whose secrets everybody knows, are in force too."""
        self._database = database
        self._clock = clock
        self._dev = dev
        self._live: Mapping[tuple[str, str], tuple[str, ApiKey]] = {}
        self._live_by_id: Mapping[str, ApiKey] = {}
        self._loading = asyncio.Lock()
        self._use = KeyUse(database, clock)

    async def open(self) -> None:
        """Load the keys, and load them again when any process has changed them."""
        await self._database.revisions.watch(REVISION, self._load)
        self._use.open()

    async def close(self) -> None:
        """Write down which keys were used."""
        await self._use.close()

    def get_key(self, api: str, secret: str) -> ApiKey | None:
        """Return the key of that API with that secret, if it is in force."""
        digest = _digest(secret)
        kept, key = self._live.get((api, digest), _NONE)
        return key if compare_digest(kept, digest) and self._is_in_force(key) else None

    def get_key_by_id(self, id_: str) -> ApiKey | None:
        """Return the key of that id, if it is in force."""
        key = self._live_by_id.get(id_)
        return key if self._is_in_force(key) else None

    def authenticate(self, api: str, secret: str, scopes: Sequence[str] = ()) -> ApiKey:
        """Return the key of that API with that secret, which has one of the scopes, if any.

        Raise `Unauthenticated` for an unknown, expired or revoked secret, `Forbidden` for a
        lacking scope.
        """
        key = self.get_key(api, secret)
        if key is None:
            raise Unauthenticated
        self.admit_key(key, scopes)
        return key

    def admit_key(self, key: ApiKey, scopes: Sequence[str]) -> None:
        """Note the use of a key; raise `Forbidden` unless it has one of the scopes, if any."""
        self._use.add_key(key.id)
        if scopes and ALL_SCOPES not in key.scopes and key.scopes.isdisjoint(scopes):
            needed = " or ".join(scopes)
            raise Forbidden(
                f"The key lacks the scope that this call needs: {needed}.", scopes=scopes
            )

    def authenticator(self, api: str) -> Authenticator:
        """Return the credential function of an API whose keys are sent as they are."""

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
    ) -> tuple[ApiKey, str]:
        """Make a key and its secret, which is not kept.

        A key whose `secret` is given is the dev world's. One that is there already is returned as
        it is.
        """
        given = f"{api}_{randomness.token_urlsafe(SECRET_BYTES)}" if secret is None else secret
        now_ms = self._clock.now_ms()
        made = ApiKey(
            new_id(now_ms), api, name, frozenset(scopes), project, now_ms, expires, None, None
        )
        digest = _digest(given)
        key = await self._database.write(lambda c: _kept(c, made, digest, dev=secret is not None))
        await self._load()
        return key, given

    async def list_keys(self) -> list[ApiKey]:
        """All keys, revoked ones too, the oldest first."""
        rows = await self._database.read(_rows)
        return [_key(row) for row in rows]

    async def revoke_key(self, id_: str) -> bool:
        """Revoke a key, here at once and within a second elsewhere; false if none is live."""
        now_ms = self._clock.now_ms()
        is_revoked = await self._database.write(lambda c: _revoke(c, id_, now_ms))
        await self._load()
        return is_revoked

    async def _load(self) -> None:
        # One at a time: an older state must not replace a newer one.
        async with self._loading:
            rows = await self._database.read(_rows)
            self._live = {
                (row.api, row.digest): (row.digest, _key(row))
                for row in rows
                if row.revoked is None and (self._dev or not row.dev)
            }
            self._live_by_id = {key.id: key for _, key in self._live.values()}

    def _is_in_force(self, key: ApiKey | None) -> bool:
        return key is not None and (key.expires is None or key.expires > self._clock.now_ms())


_NONE = ("", None)


def _digest(secret: str) -> str:
    # What a header holds need not be text that can be written in UTF-8.
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
    )


def _kept(connection: Connection, key: ApiKey, digest: str, *, dev: bool) -> ApiKey:
    """The key of that secret: the one that is there, or else this one."""
    same = select(keys).where(keys.c.api == key.api, keys.c.digest == digest)
    if row := connection.execute(same).first():
        return _key(row)
    fields = asdict(key) | {"scopes": " ".join(sorted(key.scopes))}
    connection.execute(insert(keys).values(**fields, digest=digest, dev=dev))
    bump_revision(connection, REVISION)
    return key


def _revoke(connection: Connection, id_: str, now_ms: int) -> bool:
    changed = connection.execute(
        update(keys).where(keys.c.id == id_, keys.c.revoked.is_(None)).values(revoked=now_ms)
    )
    if changed.rowcount:
        bump_revision(connection, REVISION)
    return bool(changed.rowcount)
