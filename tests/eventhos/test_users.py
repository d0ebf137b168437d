"""People are managed by people."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import delete

from eventhos_world import World, log_in, manager
from tallystick.apis.eventhos.create_key import create_key
from tallystick.apis.eventhos.exceptions import (
    BadField,
    Fixed,
    LockedOut,
    OthersPassword,
    Taken,
    WrongPassword,
)
from tallystick.apis.eventhos.resource import Paging
from tallystick.apis.eventhos.tables import subject_roles
from tallystick.contract.exceptions import Forbidden, NotFound, Unauthenticated
from tallystick.settings import Settings

ADMIN = {"id": 1, "identifier": "admin"}
PAGE = Paging(0, 9, "id", descending=False)


@pytest.fixture
def world_with_admin(world: World) -> World:
    world.open()
    world.run(create_key(Settings(), world.database, world.keys, "alice", ["*"], "", None))
    world.pass_seconds(1)
    return world


def create(world: World, username: str = "bob", **members: Any) -> int:
    body = {"username": username, "name": "Bob", "password": "bobs password", **members}
    return world.run(world.service.users.create_user(body))


def test_a_key_for_everything_gives_the_role_admin(world_with_admin: World) -> None:
    [alice] = world_with_admin.run(world_with_admin.service.users.list_page(PAGE))["items"]
    assert (alice["username"], alice["name"]) == ("alice", "alice")
    assert [role["identifier"] for role in alice["roles"]] == ["admin"]


def test_a_person_without_a_role_may_log_in_and_do_nothing(world_with_admin: World) -> None:
    world = world_with_admin
    create(world)
    token = log_in(world, "bob", "bobs password")
    assert manager(world, token) == {"sub": "bob", "manages": True}
    with pytest.raises(Forbidden):
        manager(world, token, "definitions:read", "system:select")


def test_a_role_counts_at_once_and_so_does_its_end(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world, roles=[ADMIN])
    token = log_in(world, "bob", "bobs password")
    assert manager(world, token, "system:create")
    taken = {"roles": [], "originalRolesList": [ADMIN]}
    world.run(users.change_roles("alice", id_, taken))
    with pytest.raises(Forbidden):
        manager(world, token, "system:create")


def test_with_the_role_admin_a_key_loses_its_scopes(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    create(world, roles=[ADMIN])
    [alice, _] = world.run(users.list_page(PAGE))["items"]
    taken = {"roles": [], "originalRolesList": [ADMIN]}
    world.run(users.change_roles("bob", alice["id"], taken))
    world.pass_seconds(1)
    [key] = [key for key in world.run(world.keys.list_keys()) if key.name == "alice"]
    assert key.scopes == frozenset()


def test_a_deleted_person_is_shut_out_and_their_name_is_free(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world)
    with pytest.raises(Taken):
        create(world)
    token = log_in(world, "bob", "bobs password")
    world.run(users.delete_user("alice", id_))
    with pytest.raises(Unauthenticated):
        manager(world, token)
    with pytest.raises(WrongPassword):
        log_in(world, "bob", "bobs password")
    with pytest.raises(NotFound):
        world.run(users.delete_user("alice", id_))
    assert create(world) > id_


def test_of_two_people_made_at_once_with_one_name_one_is_refused(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    body = {"username": "bob", "name": "Bob", "password": "bobs password"}

    async def make() -> list[int | BaseException]:
        made = [users.create_user(body), users.create_user(body)]
        return await asyncio.gather(*made, return_exceptions=True)

    first, second = world.run(make())
    assert {type(first), type(second)} == {int, Taken}
    assert [key.name for key in world.run(world.keys.list_keys())] == ["alice", "bob"]


def test_a_refused_person_leaves_no_key(world_with_admin: World) -> None:
    with pytest.raises(BadField, match="roles has an unknown id"):
        create(world_with_admin, roles=[{"id": 999}])
    [key] = world_with_admin.run(world_with_admin.keys.list_keys())
    assert key.name == "alice"


def test_nobody_deletes_themselves_or_changes_their_own_roles(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world)
    with pytest.raises(Fixed):
        world.run(users.delete_user("bob", id_))
    with pytest.raises(Fixed):
        world.run(users.change_roles("bob", id_, {"roles": [ADMIN], "originalRolesList": []}))


def test_nobody_deletes_the_last_admin_or_takes_the_role(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world)
    [alice, _] = world.run(users.list_page(PAGE))["items"]
    taken = {"roles": [], "originalRolesList": [ADMIN]}
    with pytest.raises(Fixed):
        world.run(users.delete_user("bob", alice["id"]))
    with pytest.raises(Fixed):
        world.run(users.change_roles("bob", alice["id"], taken))
    given = {"roles": [ADMIN], "originalRolesList": []}
    world.run(users.change_roles("alice", id_, given))
    world.run(users.change_roles("bob", alice["id"], taken))
    world.run(users.delete_user("bob", alice["id"]))


def test_a_key_for_everything_counts_as_an_admin(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world, roles=[ADMIN])
    [alice, _] = world.run(users.list_page(PAGE))["items"]
    own = delete(subject_roles).where(subject_roles.c.subject_id == alice["id"])
    world.run(world.database.write(lambda connection: connection.execute(own)))
    world.run(users.delete_user("alice", id_))


def test_wrong_old_passwords_lock_the_change_and_no_login(world_with_admin: World) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    id_ = create(world)
    with pytest.raises(OthersPassword):
        world.run(users.change_password("bob", id_ + 1, "bobs password", "a newer one"))
    for _ in range(3):
        with pytest.raises(WrongPassword):
            world.run(users.change_password("bob", id_, "wrong", "a newer one"))
    with pytest.raises(LockedOut):
        world.run(users.change_password("bob", id_, "bobs password", "a newer one"))
    assert log_in(world, "bob", "bobs password")


@pytest.mark.parametrize("text", ["\ud800", "a\0b"])
def test_a_text_that_no_database_holds_is_refused(world_with_admin: World, text: str) -> None:
    world, users = world_with_admin, world_with_admin.service.users
    for member in ("username", "name", "description"):
        with pytest.raises(BadField, match=rf"^{member} has a character"):
            create(world, **{member: text})
    with pytest.raises(BadField, match=r"^name"):
        world.run(users.rename_user(1, text))


def test_a_shut_out_person_is_not_listed(world_with_admin: World) -> None:
    world = world_with_admin
    [key] = world.run(world.keys.list_keys())
    world.run(world.keys.revoke_key(key.id))
    assert world.run(world.service.users.list_page(PAGE))["items"] == []
