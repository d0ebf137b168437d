"""The keys of all APIs in the gateway's JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tallystick.apis.gateway.alarms import are_expiring
from tallystick.apis.key_limits import read_limits
from tallystick.apis.key_management import KeyManagement, show_key
from tallystick.apis.keys import ApiKey
from tallystick.apis.service_context import ServiceContext
from tallystick.contract.document import Document
from tallystick.contract.exceptions import Invalid, Refused, Unauthenticated, Violation
from tallystick.encryption import Encryptor
from tallystick.storable_text import is_storable

Json = Mapping[str, Any]


class ApiNotServed(Refused):
    """This server does not serve that API."""


class GatewayKeys:
    """The calls that manage keys; the caller is whoever a credential's function found."""

    def __init__(
        self, context: ServiceContext, find_document: Callable[[str], Document | None]
    ) -> None:
        """`find_document` returns the contract of a served API, or None."""
        self._find_document = find_document
        self._keys = context.keys
        self._clock = context.clock

        async def find_encryptor() -> Encryptor:
            return context.encryptor

        self._management = KeyManagement(
            context.database, context.keys, context.clock, find_encryptor
        )

    async def list_keys(
        self, api: str | None, limit: int, cursor: str | None, *, expiring: bool = False
    ) -> Json:
        """Return a page of keys, the newest first; those that end soon if `expiring`."""
        rules = [are_expiring(self._clock.now_ms())] if expiring else []
        found, following = await self._management.list_keys(
            *rules, api=api, limit=limit, cursor=cursor
        )
        use = await self._keys.quotas.read_use()
        return {"keys": [show_key(key, use) for key in found], "next": following}

    async def create_key(self, body: Json, caller: Json) -> Json:
        """Return a new key with its secret; raise `Refused` or `Forbidden`."""
        document = self._find_document(body["api"])
        if document is None:
            raise ApiNotServed
        _refuse_unstorable(body)
        key, secret = await self._management.create_key(
            document,
            name=body["name"],
            scopes=body["scopes"],
            project=body.get("project"),
            expires=body.get("expires"),
            limits=read_limits(body),
            creator=self._creator(caller),
        )
        return {**show_key(key, {}), "secret": secret}

    async def rotate_key(self, id_: str, body: Json, caller: Json) -> Json:
        """Return the key in the place of another, with its secret; raise `NotFound`."""
        overlap_ms = body.get("overlap_seconds", 0) * 1000
        key, secret = await self._management.rotate_key(
            id_, overlap_ms, creator=self._creator(caller)
        )
        return {**show_key(key, {}), "secret": secret}

    async def revoke_key(self, id_: str) -> None:
        """Revoke a key; raise `NotFound`."""
        await self._management.revoke_key(id_)

    def _creator(self, caller: Json) -> ApiKey:
        key = self._keys.get_key_by_id(caller["sub"])
        if key is None:  # revoked just now
            raise Unauthenticated
        return key


def _refuse_unstorable(body: Json) -> None:
    for name in ("name", "project"):
        if not is_storable(body.get(name, "")):
            words = "has a NUL or half a surrogate pair"
            raise Invalid([Violation("body", name, "pattern", None, words)])
