"""The world that ``--dev`` starts with: its clients, events and tokens are the same everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from tallystick.apis.eventhos.mapping import API
from tallystick.apis.eventhos.tables import clients, contracts, events, systems
from tallystick.apis.eventhos.tokens import Tokens, digest
from tallystick.apis.parts import Sample
from tallystick.store import bump

CLIENT = "dev-client"
LONG_LIVE_CLIENT = "dev-long"
REVOKED_CLIENT = "dev-revoked"
SECRET = "dev-secret"

EVENT = "new-bomb-k736k3hiW7"
QUIET_EVENT = "quiet-bomb-0000000000"
LONG_LIVE_EVENT = "long-bomb-0000000000"

ISSUED = 1_706_745_600
"""2024-02-01, the date of the vendor's page."""

EXPIRES = 4_102_444_800
"""2100-01-01: the printed tokens must not change from start to start, nor age."""

_PAGE_EXAMPLE = (
    '{"name":"Morpheush","job":"Leader","id":"199","createdAt":"2020-02-20T11:00:28.107Z"}'
)


@dataclass(frozen=True, slots=True)
class DevTokens:
    """The tokens that are printed at start."""

    short_live: str
    long_live: str
    short_live_of_long_live_client: str
    revoked: str


def tokens(signer: Tokens) -> DevTokens:
    """The dev world's tokens; the same for the same key."""

    def token(client: str, expires: int | None) -> str:
        return signer.issue(client, client, ISSUED, expires)

    return DevTokens(
        short_live=token(CLIENT, EXPIRES),
        long_live=token(LONG_LIVE_CLIENT, None),
        short_live_of_long_live_client=token(LONG_LIVE_CLIENT, EXPIRES),
        revoked=token(REVOKED_CLIENT, None),
    )


def restore(connection: Connection, made: DevTokens, now_ms: int) -> None:
    """Make the dev world, or set it back to what it was."""
    _put_client(connection, CLIENT, now_ms)
    _put_client(connection, LONG_LIVE_CLIENT, now_ms, token_digest=digest(made.long_live))
    _put_client(
        connection, REVOKED_CLIENT, now_ms, token_digest=digest(made.revoked), revoked=now_ms
    )
    system = _put_system(connection, "dev-system", CLIENT, now_ms)
    event = _put_event(connection, EVENT, system, now_ms)
    _put_event(connection, QUIET_EVENT, system, now_ms)
    _put_contract(connection, "dev-contract", event, now_ms)
    other_system = _put_system(connection, "dev-long-system", LONG_LIVE_CLIENT, now_ms)
    _put_event(connection, LONG_LIVE_EVENT, other_system, now_ms)
    bump(connection, API)


def _put_client(connection: Connection, identifier: str, now_ms: int, **state: Any) -> None:
    columns = {"token_digest": None, "revoked": None, "dev": True, **state}
    columns |= {"id": identifier, "secret_digest": digest(SECRET)}
    _put(connection, clients, identifier, now_ms, columns)


def _put_system(connection: Connection, identifier: str, client_id: str, now_ms: int) -> int:
    columns = {"client_id": client_id, "system_class": "producer", "type": "dev"}
    _put(connection, systems, identifier, now_ms, columns)
    return _id(connection, systems, identifier)


def _put_event(connection: Connection, identifier: str, system_id: int, now_ms: int) -> int:
    columns = {"system_id": system_id, "operation": "new"}
    _put(connection, events, identifier, now_ms, columns)
    return _id(connection, events, identifier)


def _put_contract(connection: Connection, identifier: str, event_id: int, now_ms: int) -> None:
    columns = {"event_id": event_id, "position": 0, "active": True, "mail_recipients_on_error": ""}
    _put(connection, contracts, identifier, now_ms, columns)


def _put(
    connection: Connection,
    table: Table,
    identifier: str,
    now_ms: int,
    columns: Mapping[str, Any],
) -> None:
    """Insert the row, or overwrite the one of that identifier."""
    row = {**columns, "identifier": identifier, "name": identifier, "created": now_ms}
    row |= {"deleted": None}
    if "description" in table.c:
        row["description"] = "Of the dev world."
    changed = connection.execute(update(table).where(table.c.identifier == identifier).values(row))
    if changed.rowcount == 0:
        connection.execute(insert(table).values(row))


def _id(connection: Connection, table: Table, identifier: str) -> int:
    found = select(table.c.id).where(table.c.identifier == identifier)
    return connection.execute(found).scalar_one()  # type: ignore[no-any-return]  # by its column


def samples(base_url: str, made: DevTokens) -> list[Sample]:
    """Lines to paste, one for each kind of token."""
    credentials = (
        f'{{"grant_type":"client_credentials","client_id":"{CLIENT}","client_secret":"{SECRET}"}}'
    )
    return [
        Sample("send an event", _send(base_url, made.short_live, EVENT)),
        Sample("get a token", f"curl -d '{credentials}' '{base_url}/auth/token'"),
        Sample(
            "send an event with a long-live token",
            _send(base_url, made.long_live, LONG_LIVE_EVENT),
        ),
        Sample(
            "be refused with 400011, for a short-live token of a client with a long-live one",
            _send(base_url, made.short_live_of_long_live_client, LONG_LIVE_EVENT),
        ),
        Sample(
            "be refused with 400004, for a token of a revoked client",
            _send(base_url, made.revoked, EVENT),
        ),
    ]


def _send(base_url: str, token: str, event: str) -> str:
    url = f"{base_url}/event/send?event-identifier={event}"
    return f"curl -H 'access-key: {token}' -d '{_PAGE_EXAMPLE}' '{url}'"
