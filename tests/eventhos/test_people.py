from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import update

from eventhos_world import CLOCK, PASSWORD, World, log_in, manager, short_live
from tallystick.apis.eventhos import dev_world
from tallystick.apis.eventhos.create_key import create_key
from tallystick.apis.eventhos.exceptions import LockedOut, WrongPassword
from tallystick.apis.eventhos.people import password_digest
from tallystick.apis.eventhos.tables import people
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.settings import Settings
from tallystick.store import bump_revision


@pytest.fixture
def world_with_alice(world: World) -> World:
    world.open()
    key, _ = world.run(world.keys.create_key("eventhos", "alice", ["definitions:read"]))
    digest = password_digest(PASSWORD)
    world.put(people, id=key.id, username="alice", password_digest=digest, dev=False)
    world.run(world.service.order_contracts([]))
    return world


def test_a_person_with_the_password_manages(world_with_alice: World) -> None:
    assert manager(world_with_alice, log_in(world_with_alice)) == {"sub": "alice", "manages": True}


@pytest.mark.parametrize("username", ["alice", "bob", "", "ALICE", "\0", "\ud800"])
@pytest.mark.parametrize("password", ["wrong", "", "\ud800"])
def test_a_wrong_name_and_a_wrong_password_are_refused_alike(
    world_with_alice: World, username: str, password: str
) -> None:
    with pytest.raises(WrongPassword):
        log_in(world_with_alice, username, password)


def test_after_three_wrong_passwords_the_right_one_has_to_wait_for_three_minutes(
    world_with_alice: World,
) -> None:
    for _ in range(3):
        with pytest.raises(WrongPassword):
            log_in(world_with_alice, password="wrong")
    with pytest.raises(LockedOut) as locked:
        log_in(world_with_alice)
    assert locked.value.headers == {"Retry-After": "180"}
    CLOCK.seconds += 179
    with pytest.raises(LockedOut):
        log_in(world_with_alice)
    CLOCK.seconds += 1
    assert log_in(world_with_alice)


def test_a_right_password_forgives_the_wrong_ones_before_it(world_with_alice: World) -> None:
    for password in ("wrong", "wrong", PASSWORD, "wrong", "wrong"):
        try:
            log_in(world_with_alice, password=password)
        except WrongPassword:
            continue
    assert log_in(world_with_alice)


def test_many_guesses_at_once_are_three_guesses(world_with_alice: World) -> None:
    async def guess() -> list[object]:
        service = world_with_alice.service
        guesses = (service.log_in("alice", f"guess {n}") for n in range(6))
        return await asyncio.gather(*guesses, return_exceptions=True)

    refusals = [type(refusal) for refusal in world_with_alice.run(guess())]
    assert refusals.count(WrongPassword) == 3
    assert refusals.count(LockedOut) == 3


def test_a_clients_token_does_not_manage_and_a_persons_does_not_send(
    world_with_alice: World,
) -> None:
    with pytest.raises(Forbidden):
        manager(world_with_alice, short_live())
    assert world_with_alice.refusal(log_in(world_with_alice)) is Unauthenticated


def test_a_person_who_was_made_anew_needs_a_new_token(world_with_alice: World) -> None:
    token = log_in(world_with_alice)

    def replace(connection: object) -> None:
        connection.execute(update(people).values(id="2"))  # type: ignore[attr-defined]
        bump_revision(connection, "eventhos")  # type: ignore[arg-type]

    world_with_alice.run(world_with_alice.database.write(replace))
    world_with_alice.pass_seconds(1)
    with pytest.raises(Unauthenticated):
        manager(world_with_alice, token)


def test_the_dev_worlds_person_is_there_with_dev_alone(world: World) -> None:
    world.open(dev=True)
    token = log_in(world, dev_world.PERSON, dev_world.PASSWORD)
    world.open(dev=False)
    with pytest.raises(WrongPassword):
        log_in(world, dev_world.PERSON, dev_world.PASSWORD)
    with pytest.raises(Unauthenticated):
        manager(world, token)


def test_a_person_does_what_the_scopes_of_the_key_allow(world_with_alice: World) -> None:
    token = log_in(world_with_alice)
    assert manager(world_with_alice, token, "definitions:read") == {"sub": "alice", "manages": True}
    with pytest.raises(Forbidden, match="definitions:write"):
        manager(world_with_alice, token, "definitions:write")


def test_a_person_whose_key_has_expired_is_shut_out(world: World) -> None:
    world.open()
    end = CLOCK.now_ms() + 60_000
    made = create_key(Settings(), world.database, world.keys, "bob", ["*"], "", end)
    _, password = world.run(made)
    world.pass_seconds(1)
    token = log_in(world, "bob", password)
    CLOCK.seconds += 60
    with pytest.raises(Unauthenticated):
        manager(world, token)
    with pytest.raises(WrongPassword):
        log_in(world, "bob", password)
