"""The creation of a person for management, whose password is the secret of a key."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, exists, insert, select

from tallystick.apis.eventhos.people import password_digest
from tallystick.apis.eventhos.tables import people
from tallystick.apis.eventhos.to_event import API
from tallystick.apis.keys import ApiKey, ApiKeys
from tallystick.contract.exceptions import Problem
from tallystick.settings import Settings
from tallystick.store import Database, bump_revision
from tallystick.store.tables import keys as keys_table


class NoName(Problem):
    """A key of eventhos is a person's password: give the person's name by --name."""


class NameTaken(Problem):
    """There is a person of that name already."""


async def create_key(
    settings: Settings,  # noqa: ARG001  # every API's has it
    database: Database,
    keys: ApiKeys,
    name: str,
    scopes: Iterable[str],
    project: str,
    expires: int | None,
) -> tuple[ApiKey, str]:
    """Return a new key and its secret, the password for a login; raise `NoName` or `NameTaken`."""
    if not name:
        raise NoName
    if await database.read(lambda connection: _is_taken(connection, name)):
        raise NameTaken
    key, secret = await keys.create_key(API, name, scopes, project, expires)
    await database.write(lambda connection: _add(connection, key, secret))
    return key, secret


def _is_taken(connection: Connection, name: str) -> bool:
    live = exists().where(keys_table.c.id == people.c.id, keys_table.c.revoked.is_(None))
    named = exists().where(people.c.username == name, live)
    return bool(connection.scalar(select(named)))


def _add(connection: Connection, key: ApiKey, secret: str) -> None:
    # The former person of this name can't log in any more, as their key is revoked.
    connection.execute(delete(people).where(people.c.username == key.name))
    row = {"id": key.id, "username": key.name, "dev": False, "created": key.created}
    connection.execute(insert(people).values(**row, password_digest=password_digest(secret)))
    bump_revision(connection, API)
