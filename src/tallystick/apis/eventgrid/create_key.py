"""The key of a project: its id is the AK, its secret the SK and the token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from sqlalchemy import Connection

from tallystick.apis.eventgrid import credentials
from tallystick.apis.key_limits import KeyLimits
from tallystick.apis.keys import ApiKey, ApiKeys
from tallystick.contract.exceptions import Refused
from tallystick.encryption import Encryptor
from tallystick.store import Database


class NoProject(Refused):
    """A key of eventgrid belongs to a project: give it as `project`, or by --project."""


async def create_key(
    find_encryptor: Callable[[], Awaitable[Encryptor]],
    database: Database,
    keys: ApiKeys,
    name: str,
    scopes: Iterable[str],
    project: str | None,
    expires: int | None,
    limits: KeyLimits | None = None,
) -> tuple[ApiKey, str]:
    """Create a key, for signing too; raise `NoProject` or `NoEncryptionKey`."""
    if not project:
        raise NoProject
    encryptor = await find_encryptor()
    encryptor.encrypt("")  # before anything is made: without a key to seal with, nothing is

    def work(connection: Connection) -> tuple[ApiKey, str]:
        key, secret = keys.add_key(
            connection, credentials.API, name, scopes, project, expires, limits=limits
        )
        credentials.add_credential(connection, key.id, encryptor.encrypt(secret), key)
        return key, secret

    made = await database.write(work)
    await keys.load()
    return made
