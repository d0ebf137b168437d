"""A key is a person's password."""

from __future__ import annotations

import pytest

from eventhos_world import CLOCK, World, log_in, manager
from tallystick.apis.eventhos.create_key import NameTaken, NoName, create_key
from tallystick.apis.eventhos.exceptions import WrongPassword
from tallystick.apis.keys import ApiKeys
from tallystick.contract.exceptions import Unauthenticated
from tallystick.settings import Settings


def test_a_key_is_a_persons_password_until_it_is_revoked(world: World) -> None:
    world.open()
    keys = ApiKeys(world.database, CLOCK)
    settings = Settings()

    def make(name: str = "alice") -> tuple[str, str]:
        made = create_key(settings, world.database, keys, name, (), "", None)
        key, secret = world.run(made)
        return key.id, secret

    id_, secret = make()
    with pytest.raises(NameTaken):
        make()
    with pytest.raises(NoName):
        make("")
    world.pass_seconds(1)
    token = log_in(world, password=secret)
    world.run(keys.revoke_key(id_))
    world.pass_seconds(1)
    with pytest.raises(Unauthenticated):
        manager(world, token)
    with pytest.raises(WrongPassword):
        log_in(world, password=secret)
    _, newer = make()
    world.pass_seconds(1)
    assert log_in(world, password=newer)
