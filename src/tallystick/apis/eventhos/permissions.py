"""Permissions: what is allowed on a resource, and the roles that hold them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from tallystick.apis.eventhos.tables import (
    permissions,
    resources,
    role_permissions,
    roles,
    subject_roles,
)

EVERYTHING = "OAUTH2_global:*"
"""The permission of the role ``admin``, which stands for all others."""

ANYTHING = "*"
"""It stands for all that is allowed on a resource."""


def permits(held: Collection[str], scopes: Sequence[str]) -> bool:
    """Return whether one of the scopes, such as ``system:create``, is among the permissions."""
    wanted = [EVERYTHING]
    for scope in scopes:
        wanted += [scope, f"{scope.partition(':')[0]}:{ANYTHING}"]
    return not scopes or any(permission in held for permission in wanted)


def held_permissions(held: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the permissions of roles with their resources, written as ``resource:allowed``."""
    return frozenset(
        f"{resource['applicationResourceName']}:{allowed}"
        for role in held
        for resource in role["resources"]
        for allowed in resource["allowed"]
    )


def roles_of_subjects(
    connection: Connection, subject_ids: Collection[int]
) -> Mapping[int, list[dict[str, Any]]]:
    """Return the roles with their resources by the id of the subject."""
    found: defaultdict[int, dict[int, list[Row[Any]]]] = defaultdict(lambda: defaultdict(list))
    chosen = (
        _of_roles()
        .add_columns(subject_roles.c.subject_id)
        .join(subject_roles, subject_roles.c.role_id == roles.c.id)
        .where(subject_roles.c.subject_id.in_(subject_ids))
    )
    for row in connection.execute(chosen):
        found[row.subject_id][row.role_id].append(row)
    return defaultdict(
        list,
        {subject: [_role(rows) for rows in by_role.values()] for subject, by_role in found.items()},
    )


def resources_of_roles(
    connection: Connection, role_ids: Collection[int]
) -> Mapping[int, list[dict[str, Any]]]:
    """Return the resources with what is allowed on them by the id of the role."""
    chosen = _of_roles().where(roles.c.id.in_(role_ids))
    found: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in connection.execute(chosen):
        found[row.role_id].append(row)
    return defaultdict(list, {role: group_resources(rows) for role, rows in found.items()})


def allowed_on(
    connection: Connection, resource_ids: Collection[int]
) -> Mapping[int, list[dict[str, Any]]]:
    """Return the permissions by the id of the resource."""
    chosen = (
        select(permissions)
        .where(permissions.c.resource_id.in_(resource_ids), permissions.c.deleted.is_(None))
        .order_by(permissions.c.id)
    )
    found: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in connection.execute(chosen):
        found[row.resource_id].append({"id": row.id, "allowed": row.identifier})
    return found


def group_resources(rows: Iterable[Row[Any]]) -> list[dict[str, Any]]:
    """Return the resources of permissions, each with those on it."""
    found: dict[int, dict[str, Any]] = {}
    for row in rows:
        if row.permission_id is None:
            continue
        named = {"id": row.resource_id, "applicationResourceName": row.resource, "allowed": []}
        allowed = found.setdefault(row.resource_id, named)["allowed"]
        allowed.append({"id": row.permission_id, "allowed": row.allowed})
    return list(found.values())


def _role(rows: Sequence[Row[Any]]) -> dict[str, Any]:
    held = group_resources(rows)
    for resource in held:
        resource["allowed"] = [one["allowed"] for one in resource["allowed"]]
    return {"id": rows[0].role_id, "identifier": rows[0].role, "resources": held}


def _of_roles() -> Select[Any]:
    """Return the query for roles with their permissions; one without any has a row of nulls."""
    live = permissions.c.deleted.is_(None) & resources.c.deleted.is_(None)
    held = (
        select(
            role_permissions.c.role_id,
            permissions.c.id.label("permission_id"),
            permissions.c.identifier.label("allowed"),
            resources.c.id.label("resource_id"),
            resources.c.identifier.label("resource"),
        )
        .join(permissions, permissions.c.id == role_permissions.c.permission_id)
        .join(resources, resources.c.id == permissions.c.resource_id)
        .where(live)
        .subquery()
    )
    return (
        select(
            roles.c.id.label("role_id"),
            roles.c.identifier.label("role"),
            held.c.permission_id,
            held.c.allowed,
            held.c.resource_id,
            held.c.resource,
        )
        .outerjoin(held, held.c.role_id == roles.c.id)
        .where(roles.c.deleted.is_(None))
        .order_by(roles.c.id, held.c.permission_id)
    )
