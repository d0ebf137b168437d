"""Creates, lists, rotates and revokes the keys of every API, for the command line and by HTTP."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import TypeAlias

from sqlalchemy import ColumnElement

from tallystick.apis.key_limits import KeyLimits, show_limits
from tallystick.apis.key_terms import read_terms
from tallystick.apis.keys import ALL_SCOPES, ApiKey, ApiKeys
from tallystick.clock import Clock
from tallystick.contract.document import Document
from tallystick.contract.exceptions import Forbidden, NotFound, Refused
from tallystick.encryption import Encryptor
from tallystick.store import Database
from tallystick.times import format_ms

FindEncryptor: TypeAlias = Callable[[], Awaitable[Encryptor]]
"""``f()`` returns the encryptor with its keys; called for an API whose keys it must seal."""

GATEWAY = "gateway"


class DevKey(Refused):
    """A key of the dev world stays: its secret is public, and only --dev takes it."""


class KeyManagement:
    """The management of keys; an API whose keys are more than a credential creates them itself."""

    def __init__(
        self, database: Database, keys: ApiKeys, clock: Clock, find_encryptor: FindEncryptor
    ) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._find_encryptor = find_encryptor

    async def create_key(
        self,
        document: Document,
        *,
        name: str,
        scopes: Sequence[str],
        project: str | None = None,
        expires: str | None = None,
        limits: KeyLimits | None = None,
        creator: ApiKey | None = None,
    ) -> tuple[ApiKey, str]:
        """Return a new key of the document's API, and its secret.

        `expires` is a time or a duration. Raise `Refused` for unfit terms, and `Forbidden` for more
        of the gateway's scopes than the `creator` has.
        """
        end = read_terms(document, scopes, expires, self._clock.now_ms(), limits)
        _refuse_more_scopes(creator, document.api, scopes)
        return await self._create(document.api, name, scopes, project, end, limits)

    async def list_keys(
        self, *rules: ColumnElement[bool], api: str | None, limit: int, cursor: str | None
    ) -> tuple[list[ApiKey], str | None]:
        """Return a page of keys, the newest first, and the cursor of the next page.

        All `rules` on their rows hold for them.
        """
        found = await self._keys.list_newest(api, limit + 1, cursor, *rules)
        return found[:limit], found[limit - 1].id if len(found) > limit else None

    async def rotate_key(
        self, id_: str, overlap_ms: int, *, creator: ApiKey | None = None
    ) -> tuple[ApiKey, str]:
        """Return a key in the place of the one with this id, which ends after the overlap.

        The new key has the terms of the old one, and as long a life from now. Raise `NotFound`
        without such a valid key, `DevKey` for one that stays, and `Forbidden` as `create_key` does.
        """
        old = await self._keys.read_valid_key(id_)
        if old is None:
            raise NotFound("No valid key has this id.")
        self._refuse_dev_key(id_)
        _refuse_more_scopes(creator, old.api, sorted(old.scopes))
        now_ms = self._clock.now_ms()
        end = None if old.expires is None else now_ms + old.expires - old.created
        scopes = sorted(old.scopes)
        made = await self._create(old.api, old.name, scopes, old.project, end, old.limits)
        if overlap_ms:
            await self._keys.end_key(id_, now_ms + overlap_ms)
        else:
            await self._keys.revoke_key(id_)
        return made

    async def revoke_key(self, id_: str) -> None:
        """Revoke a key; raise `NotFound` if none is valid, and `DevKey` for one that stays."""
        self._refuse_dev_key(id_)
        if not await self._keys.revoke_key(id_):
            raise NotFound("No valid key has this id.")

    def _refuse_dev_key(self, id_: str) -> None:
        if self._keys.is_dev_key(id_):
            raise DevKey

    async def _create(
        self,
        api: str,
        name: str,
        scopes: Sequence[str],
        project: str | None,
        end: int | None,
        limits: KeyLimits | None,
    ) -> tuple[ApiKey, str]:
        create = _find_creator(api)
        if create is None:
            return await self._keys.create_key(api, name, scopes, project, end, limits=limits)
        return await create(
            self._find_encryptor, self._database, self._keys, name, scopes, project, end, limits
        )


def show_key(key: ApiKey, use: Mapping[tuple[str, str], int]) -> dict[str, object]:
    """Return a key as JSON shows it, without its secret, and with null for a time without one.

    `use` is what all keys use of their quotas, from `KeyQuotas.read_use`.
    """
    limits = show_limits(key.limits)
    times = {
        "created": key.created,
        "expires": key.expires,
        "last_used": key.used,
        "revoked": key.revoked,
    }
    return {
        "id": key.id,
        "api": key.api,
        "name": key.name,
        "scopes": sorted(key.scopes),
        "project": key.project,
        **{name: None if ms is None else format_ms(ms) for name, ms in times.items()},
        **limits,
        "used": {measure: use.get((key.id, measure), 0) for measure in limits["quotas"]},
    }


def _refuse_more_scopes(creator: ApiKey | None, api: str, scopes: Sequence[str]) -> None:
    """Raise `Forbidden` for more of the gateway's scopes than the creator has."""
    if creator is None or api != GATEWAY or ALL_SCOPES in creator.scopes:
        return
    if more := [scope for scope in scopes if scope not in creator.scopes]:
        raise Forbidden(f"Your key lacks a scope that the other one has: {', '.join(more)}.")


def _find_creator(api: str) -> Callable[..., Awaitable[tuple[ApiKey, str]]] | None:
    """Return the API's own function for creating a key, or None."""
    module = f"tallystick.apis.{api}.create_key"
    return import_module(module).create_key if _exists(module) else None


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
