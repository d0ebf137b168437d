"""Roles, resources and permissions are lists that people change."""

from __future__ import annotations

import pytest

from eventhos_world import World
from tallystick.apis.eventhos.exceptions import BadField, Fixed, Taken
from tallystick.apis.eventhos.resource import Paging
from tallystick.contract.exceptions import NotFound

PAGE = Paging(0, 20, "id", descending=False)


def test_a_new_database_has_the_vendors_resources(open_world: World) -> None:
    found = open_world.run(open_world.service.roles.list_resources(PAGE))["items"]
    assert [one["applicationResourceName"] for one in found] == [
        "OAUTH2_global",
        "OAUTH2_user",
        "OAUTH2_client",
        "OAUTH2_application",
        "OAUTH2_role",
        "OAUTH2_permission",
        "contract",
        "action",
        "event",
        "system",
    ]
    assert [one["allowed"] for one in found[0]["allowed"]] == ["*"]
    words = ["*", "create", "update", "delete", "select"]
    assert all([one["allowed"] for one in each["allowed"]] == words for each in found[1:])


def test_a_role_holds_what_it_was_given_last(world: World) -> None:
    world.open()
    roles = world.service.roles
    given = {"system": [{"id": 2}, {"id": 3}]}
    id_ = world.run(roles.create_role({"identifier": "operator", "allowedObject": given}))
    change = {"newAllowedObject": {"x": [{"id": 3}, {"id": 4}]}, "originalAllowedObject": given}
    for _ in range(2):
        world.run(roles.change_permissions(id_, change))
    [_, role] = world.run(roles.list_roles(PAGE))["items"]
    held = [one["id"] for resource in role["resources"] for one in resource["allowed"]]
    assert held == [3, 4]


def test_what_is_not_there_is_refused(world: World) -> None:
    world.open()
    roles = world.service.roles
    with pytest.raises(BadField, match="allowedObject has an unknown id"):
        world.run(roles.create_role({"identifier": "x", "allowedObject": {"x": [{"id": 999}]}}))
    with pytest.raises(NotFound):
        world.run(roles.delete_role(999))
    half = {"newResourcePermissions": [], "originalResourcePermissions": [{"allowed": "\ud800"}]}
    with pytest.raises(BadField, match=r"^allowed has a character"):
        world.run(roles.change_resource(2, half))
    with pytest.raises(BadField, match="applicationResource_id is an unknown id"):
        world.run(roles.create_permission({"allowed": "x", "applicationResource_id": 999}))


def test_the_role_admin_and_what_it_holds_stay(world: World) -> None:
    world.open()
    roles = world.service.roles
    permissions: dict[str, dict[str, object]] = {
        "newAllowedObject": {},
        "originalAllowedObject": {},
    }
    words: dict[str, list[object]] = {
        "newResourcePermissions": [],
        "originalResourcePermissions": [],
    }
    for call in (
        roles.delete_role(1),
        roles.change_permissions(1, permissions),
        roles.delete_resource(1),
        roles.change_resource(1, words),
    ):
        with pytest.raises(Fixed):
            world.run(call)
    with pytest.raises(Taken):
        world.run(roles.create_role({"identifier": "admin", "allowedObject": {}}))
