"""A key of eventgrid belongs to a project, and is made only if its secret can be kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from manual_clock import ManualClock
from stored import Stored
from tallystick.apis.eventgrid.create_key import NoProject, create_key
from tallystick.apis.eventgrid.tables import access_keys
from tallystick.apis.keys import ApiKeys
from tallystick.encryption import Encryptor, NoEncryptionKey
from tallystick.settings import Settings
from tallystick.store import load_keys
from tallystick.store.tables import keys

KEY = "a key of 32 characters or of even more"
SETTINGS = Settings(database="postgresql://h/x", secret_key=KEY)
WITHOUT_KEY = Settings(database="postgresql://h/x")


def create(stored: Stored, settings: Settings = SETTINGS, project: str = "mine") -> tuple[str, str]:
    known = ApiKeys(stored.database, ManualClock())

    async def find_encryptor() -> Encryptor:
        encryptor = Encryptor()
        await load_keys(settings, stored.database, encryptor)
        return encryptor

    made = create_key(find_encryptor, stored.database, known, "name", (), project, None)
    key, secret = stored.run(made)
    return key.id, secret


def test_the_id_of_a_key_is_its_access_key_and_its_secret_is_kept_encrypted(
    stored: Stored,
) -> None:
    id_, secret = create(stored)
    [row] = stored.write(lambda c: c.execute(select(access_keys)).all())
    assert (row.access_key, row.key_id) == (id_, id_)
    assert secret not in row.secret_key
    assert Encryptor([KEY]).decrypt(row.secret_key) == secret


@pytest.mark.parametrize(
    ("settings", "project", "error"),
    [(SETTINGS, "", NoProject), (WITHOUT_KEY, "mine", NoEncryptionKey)],
)
def test_a_key_that_can_t_be_kept_is_not_made(
    stored: Stored, settings: Settings, project: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        create(stored, settings, project)
    assert stored.write(lambda c: c.execute(select(keys)).all()) == []


def test_a_key_whose_credential_can_t_be_stored_is_not_made(stored: Stored) -> None:
    refusal = (
        "CREATE TRIGGER refusal BEFORE INSERT ON eventgrid_access_keys"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END"
    )
    stored.write(lambda c: c.execute(text(refusal)))
    with pytest.raises(IntegrityError, match="refused"):
        create(stored)
    assert stored.write(lambda c: c.execute(select(keys)).all()) == []
