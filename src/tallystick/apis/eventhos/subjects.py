"""Subjects: what clients and people have in common, a number and roles."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, delete, insert, select

from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.resource import Body
from tallystick.apis.eventhos.tables import roles, subject_roles, subjects

ADMIN = "admin"
"""The role that may do everything."""


def create_subject(connection: Connection, now_ms: int, given: Sequence[Body] = ()) -> int:
    """Create a subject with the given roles and return its number; raise `BadField`."""
    made = connection.execute(insert(subjects).values(created=now_ms))
    subject_id: int = made.inserted_primary_key[0]  # type: ignore[index]  # an insert has one
    _add_roles(connection, subject_id, _ids(given))
    return subject_id


def change_roles(connection: Connection, subject_id: int, body: Body) -> None:
    """Give and take the roles by which two lists differ; raise `BadField`.

    The body has ``roles``, the new list, and ``originalRolesList``, as it was read.
    """
    mine = subject_roles.c.subject_id == subject_id
    gone = subject_roles.c.role_id.in_(taken_roles(body))
    connection.execute(delete(subject_roles).where(mine, gone))
    held = connection.scalars(select(subject_roles.c.role_id).where(mine)).all()
    _add_roles(connection, subject_id, _ids(body["roles"]) - set(held))


def taken_roles(body: Body) -> frozenset[int]:
    """Return the ids of the roles that a change takes."""
    return _ids(body["originalRolesList"]) - _ids(body["roles"])


def find_role(connection: Connection, identifier: str) -> int | None:
    """Return the id of the role with this identifier, if there is one."""
    named = (roles.c.identifier == identifier) & roles.c.deleted.is_(None)
    return connection.scalar(select(roles.c.id).where(named))


def _ids(given: Sequence[Body]) -> frozenset[int]:
    return frozenset(role["id"] for role in given)


def _add_roles(connection: Connection, subject_id: int, role_ids: Collection[int]) -> None:
    known = select(roles.c.id).where(roles.c.id.in_(role_ids), roles.c.deleted.is_(None))
    if len(connection.scalars(known).all()) < len(role_ids):
        raise BadField("roles", "has an unknown id")
    rows = [{"subject_id": subject_id, "role_id": role_id} for role_id in sorted(role_ids)]
    if rows:
        connection.execute(insert(subject_roles), rows)
