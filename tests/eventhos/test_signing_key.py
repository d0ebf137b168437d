"""Tokens are signed by one key of the database."""

from __future__ import annotations

from eventhos_world import SECRET, World, short_live
from tallystick.apis.eventhos import signing_key
from tallystick.apis.eventhos.tables import signing_keys
from tallystick.contract.exceptions import Unauthenticated


def test_the_signing_key_is_made_once_and_kept(world: World) -> None:
    service = world.open(eventhos_jwt_key=None)
    token = service.create_token("bomber", SECRET)["content"]["jwt_token"]
    world.open(eventhos_jwt_key=None)
    assert world.caller(token)["sub"] == "bomber"
    assert world.refusal(short_live()) is Unauthenticated


def test_the_key_that_another_process_made_meanwhile_is_taken(world: World) -> None:
    other = b"the key that the other process made first"
    world.put(signing_keys, id=1, key=other)
    assert world.run(signing_key._create_key(world.database)) == other
