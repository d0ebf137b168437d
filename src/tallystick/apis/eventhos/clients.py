"""Clients: senders of events, with their secrets and kinds of token."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hmac import compare_digest
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from tallystick import randomness
from tallystick.apis.eventhos.dialect import Dialect
from tallystick.apis.eventhos.exceptions import (
    ClientNotFound,
    LongLiveOnly,
    OtherToken,
    Revoked,
    SecretLost,
    Taken,
    WrongSecret,
    coded,
)
from tallystick.apis.eventhos.managed_resources import DESCRIPTION, NAME
from tallystick.apis.eventhos.permissions import roles_of_subjects
from tallystick.apis.eventhos.resource import Body, Field, Paging, Resource
from tallystick.apis.eventhos.resource_collection import UnitOfWork
from tallystick.apis.eventhos.sender_directory import EventhosEventType, SenderDirectory
from tallystick.apis.eventhos.subjects import change_roles, create_subject
from tallystick.apis.eventhos.tables import clients
from tallystick.apis.eventhos.tokens import EventhosTokens, digest
from tallystick.contract.exceptions import Unauthenticated
from tallystick.encryption import Encryptor, NoEncryptionKey, Undecryptable

_SECRET_BYTES = 32
_ID_BYTES = 12


class _Rows(Resource):
    def _columns(self) -> Mapping[str, ColumnElement[Any]]:
        # The order of their numbers is that of their creation.
        return {**super()._columns(), "id": clients.c.subject_id}

    def to_json(self, row: Any) -> dict[str, Any]:
        holds = row.token_digest is not None
        states = {"longLive": holds, "hasLongLiveToken": holds, "revoked": row.revoked is not None}
        ids = {"clientId": row.id, "client_id": row.id, "subjectId": row.id}
        return {**super().to_json(row), **ids, **states}


ROWS = _Rows(clients, [Field("identifier", "identifier"), NAME, DESCRIPTION])


class Clients:
    """The clients; a change applies at once here and within a second elsewhere."""

    def __init__(
        self,
        unit_of_work: UnitOfWork,
        directory: SenderDirectory,
        tokens: EventhosTokens,
        seals: Encryptor,
    ) -> None:
        self._seals = seals
        self._unit_of_work = unit_of_work
        self._directory = directory
        self._tokens = tokens

    async def list_page(self, paging: Paging) -> Body:
        """Return a page of clients with their roles, without their secrets."""

        def found(connection: Connection) -> Body:
            page = ROWS.list_page(connection, paging)
            return {**page, "items": _with_roles(connection, page["items"])}

        return await self._unit_of_work.read(found)

    async def create_client(self, body: Body, *, long_live: bool) -> Body:
        """Create a client; return its secret and, with `long_live`, its token; raise `Taken`."""
        id_ = randomness.token_urlsafe(_ID_BYTES)
        secret = randomness.token_urlsafe(_SECRET_BYTES)
        token = self._tokens.issue_long_live(id_, body["identifier"]) if long_live else None
        kept = {"id": id_, **_keep_secret(secret, self._seals), "dev": False}
        kept["token_digest"] = digest(token) if token else None
        await self._unit_of_work.write(lambda c, now_ms: _insert(c, body, kept, now_ms))
        return {"clientId": id_, "clientSecret": secret, "access_token": token}

    async def get_secret(self, id_: str) -> Body:
        """Return a client's secret; raise `NotFound` or `SecretLost`."""
        row = await self._unit_of_work.read(lambda c: ROWS.get_row(c, id_))
        if row.sealed_secret is None:
            raise SecretLost
        try:
            return {"clientSecret": self._seals.decrypt(row.sealed_secret)}
        except Undecryptable:
            raise SecretLost from None

    async def update_client(self, id_: str, body: Body) -> Body:
        """Change a client's name and description; raise `NotFound` or `BadField`."""

        def work(connection: Connection, _: int) -> str:
            row = ROWS.get_row(connection, id_)
            ROWS.update_row(connection, row.id, body)
            return str(row.id)

        return {"clientId": await self._unit_of_work.write(work)}

    async def change_roles(self, id_: str, body: Body) -> Body:
        """Give and take roles by which two lists differ; raise `NotFound` or `BadField`."""

        def work(connection: Connection, _: int) -> str:
            row = ROWS.get_row(connection, id_)
            change_roles(connection, row.subject_id, body)
            return str(row.id)

        return {"clientId": await self._unit_of_work.write(work)}

    async def make_long_live(self, id_: str) -> Body:
        """Return a new long-live token; it invalidates all other tokens of the client."""

        def work(connection: Connection, _: int) -> Body:
            row = ROWS.get_row(connection, id_)
            token = self._tokens.issue_long_live(row.id, row.identifier)
            _update(connection, row.id, token_digest=digest(token))
            return {"clientId": row.id, "access_token": token}

        return await self._unit_of_work.write(work)

    async def remove_long_live(self, id_: str) -> Body:
        """Take a client's long-live token away, so that it gets short-live ones."""

        changed = await self._change(id_, lambda _: {"token_digest": None})
        return {**changed, "access_token": None}

    async def revoke_client(self, id_: str, *, revoked: bool) -> Body:
        """Revoke a client's tokens, or accept them again."""

        return await self._change(id_, lambda now_ms: {"revoked": now_ms if revoked else None})

    async def delete_client(self, id_: str) -> Body:
        """Delete a client for good, and free its identifier."""

        # Unique: valid identifiers have no tilde.
        return await self._change(
            id_, lambda now_ms: {"deleted": now_ms, "identifier": "~" + clients.c.id}
        )

    async def _change(self, id_: str, columns: Callable[[int], Body]) -> Body:
        def work(connection: Connection, now_ms: int) -> str:
            row = ROWS.get_row(connection, id_)
            _update(connection, row.id, **columns(now_ms))
            return str(row.id)

        return {"clientId": await self._unit_of_work.write(work)}

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

    def authenticate_for(self, event: EventhosEventType, access_key: str, dialect: Dialect) -> None:
        """Return if this is a valid token of the event's client, as the vendor's server judges it.

        Raise `Refused` with the code of the first failed check.
        """
        client_id = event.client_id or ""
        if self._directory.is_revoked(client_id):
            raise coded(Revoked(), dialect.revoked)
        client = self._directory.get_client(client_id)
        if client is None:
            raise coded(ClientNotFound(), dialect.no_client)
        if client.token_digest is not None:
            if not compare_digest(digest(access_key), client.token_digest):
                raise coded(OtherToken(), dialect.other_long_live)
            return
        claims = self._tokens.claims(access_key)
        if not claims.is_client or claims.subject != client.id or claims.expires is None:
            raise Unauthenticated

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


def _keep_secret(secret: str, seals: Encryptor) -> dict[str, str | None]:
    """Return the columns of a client's secret: a digest to compare, and the sealed text to show."""
    try:
        sealed = seals.encrypt(secret)
    except NoEncryptionKey:
        sealed = None
    return {"secret_digest": digest(secret), "sealed_secret": sealed}


def _with_roles(connection: Connection, items: Sequence[Body]) -> list[Body]:
    c = clients.c
    chosen = select(c.id, c.subject_id).where(c.id.in_([item["id"] for item in items]))
    subjects = {row.id: row.subject_id for row in connection.execute(chosen)}
    roles = roles_of_subjects(connection, list(subjects.values()))
    return [{**item, "roles": roles[subjects[item["id"]]]} for item in items]


def _insert(connection: Connection, body: Body, kept: Body, now_ms: int) -> None:
    values = ROWS.to_row(connection, body, None)
    same = exists().where(clients.c.identifier == values["identifier"])
    if connection.scalar(select(same)):
        raise Taken
    subject_id = create_subject(connection, now_ms, body.get("roles", ()))
    row = {**values, **kept, "created": now_ms, "subject_id": subject_id}
    connection.execute(insert(clients).values(row))


def _update(connection: Connection, id_: str, **columns: Any) -> None:
    connection.execute(update(clients).where(clients.c.id == id_).values(columns))
