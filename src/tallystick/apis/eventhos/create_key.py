"""The creation of a person for management, whose password is the secret of a key."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from tallystick.apis.eventhos.exceptions import Taken
from tallystick.apis.eventhos.people import password_digest
from tallystick.apis.eventhos.subjects import ADMIN, find_role
from tallystick.apis.eventhos.to_event import API
from tallystick.apis.eventhos.users import add_person
from tallystick.apis.key_limits import KeyLimits
from tallystick.apis.keys import ALL_SCOPES, ApiKey, ApiKeys
from tallystick.contract.exceptions import Refused
from tallystick.store import Database, bump_revision


class NoName(Refused):
    """A key of eventhos is a person's password: give the person's name as `name`, or by --name."""


class NameTaken(Refused):
    """There is a person of that name already."""


async def create_key(
    find_encryptor: object,  # noqa: ARG001  # every API's has it
    database: Database,
    keys: ApiKeys,
    name: str,
    scopes: Iterable[str],
    project: str | None,
    expires: int | None,
    limits: KeyLimits | None = None,
) -> tuple[ApiKey, str]:
    """Return a new key and its secret, the password for a login; raise `NoName` or `NameTaken`."""
    if not name:
        raise NoName

    def work(connection: Connection) -> tuple[ApiKey, str]:
        # First, as its row lets one process at a time look for the name and take it.
        bump_revision(connection, API)
        made = keys.add_key(connection, API, name, scopes, project, expires, limits=limits)
        _add_person(connection, *made)
        return made

    try:
        made = await database.write(work)
    except Taken:
        raise NameTaken from None
    await keys.load()
    return made


def _add_person(connection: Connection, key: ApiKey, secret: str) -> None:
    person = {"id": key.id, "username": key.name, "name": key.name, "description": ""}
    person["password_digest"] = password_digest(secret)
    admin = find_role(connection, ADMIN) if ALL_SCOPES in key.scopes else None
    add_person(connection, person, [] if admin is None else [{"id": admin}], key.created)
