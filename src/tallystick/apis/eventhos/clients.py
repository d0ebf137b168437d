"""Clients: senders of events, with their secrets and kinds of token."""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, exists, insert, select, update

from tallystick import randomness
from tallystick.apis.eventhos.exceptions import ClientNotFound, LongLiveOnly, Taken, WrongSecret
from tallystick.apis.eventhos.managed_resources import DESCRIPTION, NAME
from tallystick.apis.eventhos.resource import Body, Field, Paging, Resource
from tallystick.apis.eventhos.resource_collection import UnitOfWork
from tallystick.apis.eventhos.sender_directory import SenderDirectory
from tallystick.apis.eventhos.tables import clients
from tallystick.apis.eventhos.tokens import EventhosTokens, digest
from tallystick.contract.exceptions import Unauthenticated

_SECRET_BYTES = 32
_ID_BYTES = 12


class _Rows(Resource):
    def to_json(self, row: Any) -> dict[str, Any]:
        holds = row.token_digest is not None
        states = {"longLive": holds, "hasLongLiveToken": holds, "revoked": row.revoked is not None}
        return {**super().to_json(row), "clientId": row.id, "client_id": row.id, **states}


ROWS = _Rows(clients, [Field("identifier", "identifier"), NAME, DESCRIPTION])


class Clients:
    """The clients; a change applies at once here and within a second elsewhere."""

    def __init__(
        self, unit_of_work: UnitOfWork, directory: SenderDirectory, tokens: EventhosTokens
    ) -> None:
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._tokens = tokens

    async def list_page(self, paging: Paging) -> Body:
        """Return a page of clients without their secrets."""
        return await self._unit_of_work.read(lambda c: ROWS.list_page(c, paging))

    async def create_client(self, body: Body, *, long_live: bool) -> Body:
        """Create a client; return its secret and, with `long_live`, its token; raise `Taken`."""
        id_ = randomness.token_urlsafe(_ID_BYTES)
        secret = randomness.token_urlsafe(_SECRET_BYTES)
        token = self._tokens.issue_long_live(id_, body["identifier"]) if long_live else None
        kept = {"id": id_, "secret_digest": digest(secret), "dev": False}
        kept["token_digest"] = digest(token) if token else None
        await self._unit_of_work.write(lambda c, now_ms: _insert(c, body, kept, now_ms))
        return {"clientId": id_, "clientSecret": secret, "access_token": token}

    async def make_long_live(self, id_: str) -> Body:
        """Return a new long-live token, which invalidates all other tokens of the client."""

        def work(connection: Connection, _: int) -> str:
            identifier = ROWS.get_row(connection, id_).identifier
            token = self._tokens.issue_long_live(id_, identifier)
            _update(connection, id_, token_digest=digest(token))
            return token

        return {"clientId": id_, "access_token": await self._unit_of_work.write(work)}

    async def remove_long_live(self, id_: str) -> Body:
        """Take a client's long-live token away, so that it gets short-live ones."""

        def work(connection: Connection, _: int) -> None:
            ROWS.get_row(connection, id_)
            _update(connection, id_, token_digest=None)

        await self._unit_of_work.write(work)
        return {"clientId": id_, "access_token": None}

    async def revoke_client(self, id_: str, *, revoked: bool) -> Body:
        """Revoke a client's tokens, or accept them again."""

        def work(connection: Connection, now_ms: int) -> None:
            ROWS.get_row(connection, id_)
            _update(connection, id_, revoked=now_ms if revoked else None)

        await self._unit_of_work.write(work)
        return {"clientId": id_}

    async def delete_client(self, id_: str) -> Body:
        """Delete a client for good, and free its identifier."""

        def work(connection: Connection, now_ms: int) -> None:
            ROWS.delete_row(connection, id_, now_ms)
            # Unique: valid identifiers have no tilde.
            _update(connection, id_, identifier=f"~{id_}")

        await self._unit_of_work.write(work)
        return {"clientId": id_}

    def create_token(self, client_id: str, secret: str) -> str:
        """Return a short-live token for a client's secret."""
        client = self._directory.get_client(client_id)
        if client is None:
            raise ClientNotFound
        if not compare_digest(digest(secret), client.secret_digest):
            raise WrongSecret
        if client.token_digest is not None:
            raise LongLiveOnly
        return self._tokens.issue_short_live(client.id, client.identifier)

    def authenticate(self, access_key: str) -> str:
        """Return the id of the client with this valid token."""
        claims = self._tokens.claims(access_key)
        if not claims.is_client:
            raise Unauthenticated
        client = self._directory.get_client(claims.subject)
        if client is None or not client.is_bound:
            raise ClientNotFound
        if client.token_digest is None:
            if claims.expires is None:
                raise Unauthenticated
        elif claims.expires is not None:
            raise LongLiveOnly
        elif not compare_digest(claims.digest, client.token_digest):
            raise Unauthenticated
        return client.id


def _insert(connection: Connection, body: Body, kept: Body, now_ms: int) -> None:
    values = ROWS.to_row(connection, body, None)
    same = exists().where(clients.c.identifier == values["identifier"])
    if connection.scalar(select(same)):
        raise Taken
    connection.execute(insert(clients).values(**values, **kept, created=now_ms))


def _update(connection: Connection, id_: str, **columns: Any) -> None:
    connection.execute(update(clients).where(clients.c.id == id_).values(columns))
