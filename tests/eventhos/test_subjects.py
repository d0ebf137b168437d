"""Clients and people have a number and roles."""

from __future__ import annotations

import pytest

from stored import Stored
from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.permissions import held_permissions, roles_of_subjects
from tallystick.apis.eventhos.subjects import (
    ADMIN,
    change_roles,
    create_subject,
    find_role,
    taken_roles,
)

GIVEN = [{"id": 1, "identifier": "whatever"}]


def test_a_new_database_has_the_role_admin_which_allows_everything(stored: Stored) -> None:
    assert stored.write(find_role, ADMIN) == 1
    id_ = stored.write(create_subject, 0, GIVEN)
    [role] = held = stored.write(roles_of_subjects, [id_])[id_]
    assert held_permissions(held) == {"OAUTH2_global:*"}
    [resource] = role.pop("resources")
    assert role == {"id": 1, "identifier": "admin"}
    assert (resource["applicationResourceName"], resource["allowed"]) == ("OAUTH2_global", ["*"])


def test_roles_are_given_and_taken_by_the_difference_of_two_lists(stored: Stored) -> None:
    id_ = stored.write(create_subject, 0)
    for _ in range(2):
        stored.write(change_roles, id_, {"roles": GIVEN, "originalRolesList": []})
        assert len(stored.write(roles_of_subjects, [id_])[id_]) == 1
    taking = {"roles": [], "originalRolesList": GIVEN}
    assert taken_roles(taking) == {1}
    stored.write(change_roles, id_, taking)
    assert stored.write(roles_of_subjects, [id_])[id_] == []


def test_an_unknown_role_is_refused(stored: Stored) -> None:
    with pytest.raises(BadField, match="roles has an unknown id"):
        stored.write(create_subject, 0, [{"id": 99}])
