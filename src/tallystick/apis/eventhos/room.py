"""Where eventhos takes events and gives out tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hmac import compare_digest
from typing import Any

from tallystick.apis.eventhos import dev_world, mapping
from tallystick.apis.eventhos.problems import (
    ClientNotFound,
    EventNotFound,
    LongLiveOnly,
    WrongSecret,
)
from tallystick.apis.eventhos.registry import Client, EventType, Registry
from tallystick.apis.eventhos.signing_key import signing_key
from tallystick.apis.eventhos.tokens import SHORT_LIVE_S, Claims, Tokens, digest
from tallystick.apis.parts import CredentialFunction, Parts, Sample
from tallystick.contract.problem import Unauthenticated
from tallystick.contract.request import Request

SUCCESS = {"code": 200000, "message": "success"}
NO_CONTRACTS = {
    "code": 200310,
    "message": "Success, but no contracts exists for this event",
}


class Room:
    """Takes events from those who may send them, and gives clients their tokens."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = Registry(parts.database, parts.settings.dev)
        self._tokens: Tokens
        self.credentials: Mapping[str, CredentialFunction] = {
            "eventhosAccessKey": self._caller,
            "eventhosQueryAccessKey": self._caller,
        }

    async def open(self) -> None:
        """Find the signing key, make the dev world where there is one, and read who may send."""
        parts = self._parts
        self._tokens = Tokens(await signing_key(parts.settings, parts.database), parts.clock)
        if parts.settings.dev:
            made = dev_world.tokens(self._tokens)
            now_ms = parts.clock.now_ms()
            await parts.database.write(lambda c: dev_world.restore(c, made, now_ms))
        await parts.database.revisions.watch(mapping.API, self._registry.load)

    async def close(self) -> None:
        """Nothing to give back."""

    def find_event(self, identifier: str, caller: Mapping[str, Any]) -> EventType:
        """The event, if it exists and the caller may send it."""
        event = self._registry.event(identifier)
        if event is None:
            raise EventNotFound
        if event.client_id != caller["sub"]:
            raise Unauthenticated
        return event

    async def send(
        self, identifier: str, caller: Mapping[str, Any], request: Request
    ) -> Mapping[str, Any]:
        """Store an event and say whether it has contracts."""
        kind = self.find_event(identifier, caller)
        event = mapping.event(kind, caller["sub"], request, self._parts.clock.now_ms())
        await self._parts.log.append(event)
        return SUCCESS if kind.has_contracts else NO_CONTRACTS

    def create_token(self, client_id: str, secret: str) -> Mapping[str, Any]:
        """A short-live token for a client that knows its secret."""
        client = self._registry.client(client_id)
        if client is None:
            raise ClientNotFound
        if not compare_digest(digest(secret), client.secret_digest):
            raise WrongSecret
        if client.token_digest is not None:
            raise LongLiveOnly
        token = self._tokens.issue_short_live(client.id, client.identifier)
        names = {"jwt_token": token, "access_token": token}
        return {**SUCCESS, "content": {**names, "token_type": "Bearer", "expires_in": SHORT_LIVE_S}}

    def samples(self, base_url: str) -> list[Sample]:
        """Lines to paste: a token call, a send, and the refusals that need a token of their own."""
        return dev_world.samples(base_url, dev_world.tokens(self._tokens))

    def _caller(
        self,
        access_key: str,
        required_scopes: Sequence[str],  # noqa: ARG002  # a client has no scopes
    ) -> Mapping[str, Any]:
        claims = self._tokens.claims(access_key)
        client = self._registry.client(claims.client_id)
        if client is None or not client.is_bound:
            raise ClientNotFound
        _refuse_other_tokens(client, claims)
        return {"sub": client.id}


def _refuse_other_tokens(client: Client, claims: Claims) -> None:
    """A client has either short-live tokens or its one long-live token."""
    if client.token_digest is None:
        if claims.expires is None:
            raise Unauthenticated
    elif claims.expires is not None:
        raise LongLiveOnly
    elif not compare_digest(claims.digest, client.token_digest):
        raise Unauthenticated
