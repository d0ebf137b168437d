"""The dev world of ``--dev``: the same clients, events and tokens at every start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, insert, select, update

from tallystick.apis.eventhos.actions import public_post
from tallystick.apis.eventhos.subjects import ADMIN, create_subject, find_role
from tallystick.apis.eventhos.tables import actions, clients, contracts, events, people, systems
from tallystick.apis.eventhos.to_event import API
from tallystick.apis.eventhos.tokens import EventhosTokens, digest
from tallystick.apis.eventhos.users import add_person
from tallystick.apis.service_context import Sample
from tallystick.delivery import SINK
from tallystick.encryption import as_public
from tallystick.store import bump_revision

CLIENT = "dev-client"
LONG_LIVE_CLIENT = "dev-long"
REVOKED_CLIENT = "dev-revoked"
SECRET = "dev-secret"
PERSON = "admin"
PASSWORD = "dev-admin"

EVENT = "new-bomb-k736k3hiW7"
QUIET_EVENT = "quiet-bomb-0000000000"
LONG_LIVE_EVENT = "long-bomb-0000000000"

SYSTEM_ID = 1_000_001
OTHER_SYSTEM_ID = 1_000_002
CONSUMER_ID = 1_000_003
EVENT_ID = 1_000_001
QUIET_EVENT_ID = 1_000_002
LONG_LIVE_EVENT_ID = 1_000_003
ACTION_ID = 1_000_001
CONTRACT_ID = 1_000_001
"""Ids that stay the same after other rows are created and deleted."""

ISSUED = 1_706_745_600
"""2024-02-01, the date of the vendor's page, in seconds since the epoch."""

EXPIRES = 4_102_444_800
"""2100-01-01, in seconds since the epoch: the printed tokens stay the same and valid."""

# The stored form of `PASSWORD`: computing it, slow on purpose, took a tenth of a start.
_PASSWORD_DIGEST = (
    "64657620776f726c6427732073616c74$"
    "6171c4036de3f41cf420d1c3e8ac13b6166815cfa8ba8a0e5a405e3acacf6a9d"
    "f1296c4cbceb6dc966264a236fa326665e39e9f46a97af1960c8a2490f2ff8a2"
)
_LOGIN = f'{{"username":"{PERSON}","password":"{PASSWORD}"}}'
_PAGE_EXAMPLE = (
    '{"name":"Morpheush","job":"Leader","id":"199","createdAt":"2020-02-20T11:00:28.107Z"}'
)


class DevTokens(NamedTuple):
    """The tokens printed at start."""

    short_live: str
    long_live: str
    short_live_of_long_live_client: str
    revoked: str


_HEADER = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9"
_CLIENT = "eyJkYXRhIjp7ImlkIjoiZGV2LWNsaWVudCIsInN1YmplY3RUeXBlIjoiY2xpZW50IiwiaWRlbnRpZmllciI6Im"
_LONG = "eyJkYXRhIjp7ImlkIjoiZGV2LWxvbmciLCJzdWJqZWN0VHlwZSI6ImNsaWVudCIsImlkZW50aWZpZXIiOiJkZXYt"
_REVOKED = "eyJkYXRhIjp7ImlkIjoiZGV2LXJldm9rZWQiLCJzdWJqZWN0VHlwZSI6ImNsaWVudCIsImlkZW50aWZpZXIiOi"

PUBLIC_TOKENS = DevTokens(
    short_live=f"{_HEADER}.{_CLIENT}Rldi1jbGllbnQifSwiaWF0IjoxNzA2NzQ1NjAwLCJleHAiOjQxMDI0NDQ4MDB9"
    ".8FmxXoLZJ66_gkfRUV_dOb7v0rkeo5vs8YfwKeeNJGA",
    long_live=f"{_HEADER}.{_LONG}bG9uZyJ9LCJpYXQiOjE3MDY3NDU2MDB9"
    ".jAzU85jpF9a3m3R1cIXFJuFcaWx2IjEyx2oeLUqPr-s",
    short_live_of_long_live_client=f"{_HEADER}.{_LONG}"
    "bG9uZyJ9LCJpYXQiOjE3MDY3NDU2MDAsImV4cCI6NDEwMjQ0NDgwMH0"
    ".rEKGFEJc_WQZMYsK81trLjGUWGK3L6rJevxcZEKUHeM",
    revoked=f"{_HEADER}.{_REVOKED}JkZXYtcmV2b2tlZCJ9LCJpYXQiOjE3MDY3NDU2MDB9"
    ".cYrzou3h7PT53TtbSNSNp3MWQEI6J6z9FjHjRnVTge4",
)
"""Those signed by `DEV_KEY`, noted letter by letter: a start signs none, and a later version of
PyJWT may write others."""


def tokens(signer: EventhosTokens) -> DevTokens:
    """Return the dev world's tokens as another key signs them."""

    def token(client: str, expires: int | None) -> str:
        return signer.issue(client, client, ISSUED, expires)

    return DevTokens(
        short_live=token(CLIENT, EXPIRES),
        long_live=token(LONG_LIVE_CLIENT, None),
        short_live_of_long_live_client=token(LONG_LIVE_CLIENT, EXPIRES),
        revoked=token(REVOKED_CLIENT, None),
    )


def restore(
    connection: Connection,
    person_id: str,
    made: DevTokens,
    now_ms: int,
) -> None:
    """Create the dev world, or reset it; `person_id` is the id of the person's key."""
    _put_person(connection, person_id, now_ms)
    secret = {"secret_digest": digest(SECRET), "sealed_secret": as_public(SECRET)}
    long_live = {**secret, "token_digest": digest(made.long_live)}
    # As a client made without a key for secrets, so that its refusal can be seen.
    unsealed = {**secret, "sealed_secret": None}
    revoked = {**unsealed, "token_digest": digest(made.revoked), "revoked": now_ms}
    _put_client(connection, CLIENT, now_ms, secret)
    _put_client(connection, LONG_LIVE_CLIENT, now_ms, long_live)
    _put_client(connection, REVOKED_CLIENT, now_ms, revoked)
    system, consumer, other_system = _put_systems(connection, now_ms)
    event = _put_event(connection, EVENT_ID, EVENT, system, now_ms)
    _put_event(connection, QUIET_EVENT_ID, QUIET_EVENT, system, now_ms)
    _put_event(connection, LONG_LIVE_EVENT_ID, LONG_LIVE_EVENT, other_system, now_ms)
    action = _put_action(connection, consumer, now_ms)
    contract: dict[str, Any] = {
        "event_id": event,
        "action_id": action,
        "position": 0,
        "active": True,
    }
    contract |= {"id": CONTRACT_ID, "mail_recipients_on_error": ""}
    _put(connection, contracts, "dev-contract", now_ms, contract)
    bump_revision(connection, API)


def _put_person(connection: Connection, id_: str, now_ms: int) -> None:
    named = people.c.username == PERSON
    if connection.scalar(select(people.c.id).where(named)) is None:
        admin = find_role(connection, ADMIN)
        row: dict[str, Any] = {
            "id": id_,
            "username": PERSON,
            "name": "Admin",
            "description": "Of the dev world.",
        }
        row |= {"dev": True, "password_digest": _PASSWORD_DIGEST}
        add_person(connection, row, [{"id": admin}], now_ms)
    connection.execute(update(people).where(named, people.c.dev.is_(True)).values(id=id_))


def _put_client(
    connection: Connection, identifier: str, now_ms: int, state: Mapping[str, Any]
) -> None:
    columns = {"token_digest": None, "revoked": None, "dev": True, "id": identifier, **state}
    _put(connection, clients, identifier, now_ms, columns)
    mine = clients.c.identifier == identifier
    if connection.scalar(select(clients.c.subject_id).where(mine)) is None:
        subject_id = create_subject(connection, now_ms)
        connection.execute(update(clients).where(mine).values(subject_id=subject_id))


def _put_systems(connection: Connection, now_ms: int) -> tuple[int, int, int]:
    producer = {"system_class": "producer", "type": "dev"}
    consumer = {"system_class": "consumer", "type": "dev", "client_id": None}
    own = {**producer, "id": SYSTEM_ID, "client_id": CLIENT}
    others = {**producer, "id": OTHER_SYSTEM_ID, "client_id": LONG_LIVE_CLIENT}
    return (
        _put(connection, systems, "dev-system", now_ms, own),
        _put(connection, systems, "dev-consumer", now_ms, {**consumer, "id": CONSUMER_ID}),
        _put(connection, systems, "dev-long-system", now_ms, others),
    )


def _put_event(
    connection: Connection, id_: int, identifier: str, system_id: int, now_ms: int
) -> Any:
    columns = {"id": id_, "system_id": system_id, "operation": "new"}
    return _put(connection, events, identifier, now_ms, columns)


def _put_action(connection: Connection, system_id: int, now_ms: int) -> Any:
    call = public_post(SINK, {"boss": "${.body.name}", "received": "${.body}"})
    columns = {**call, "id": ACTION_ID, "system_id": system_id, "operation": "process"}
    return _put(connection, actions, "dev-action", now_ms, columns)


def _put(
    connection: Connection,
    table: Table,
    identifier: str,
    now_ms: int,
    columns: Mapping[str, Any],
) -> Any:
    """Create or reset the row with this identifier; return its id, which is kept by a reset."""
    row = {**columns, "identifier": identifier, "name": identifier, "created": now_ms}
    row |= {"deleted": None}
    if "description" in table.c:
        row["description"] = "Of the dev world."
    reset = update(table).where(table.c.identifier == identifier)
    kept = {name: value for name, value in row.items() if name != "id"}
    id_ = connection.scalar(reset.values(kept).returning(table.c.id))
    if id_ is None:
        connection.execute(insert(table).values(row))
        return row["id"]
    return id_


def samples(base_url: str, made: DevTokens) -> list[Sample]:
    """Return shell commands, one for each kind of token."""
    credentials = (
        f'{{"grant_type":"client_credentials","client_id":"{CLIENT}","client_secret":"{SECRET}"}}'
    )
    return [
        Sample("send an event", _send(base_url, made.short_live, EVENT)),
        Sample("get a token", f"curl -d '{credentials}' '{base_url}/auth/token'"),
        Sample(
            "get a token for managing",
            f"curl -d '{_LOGIN}' '{base_url}/auth/login'",
        ),
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
