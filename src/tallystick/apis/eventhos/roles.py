"""Roles, and the applications whose resources they give permissions on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, exists, insert, select, update

from tallystick.apis.eventhos import permissions
from tallystick.apis.eventhos.exceptions import BadField, Fixed, Taken
from tallystick.apis.eventhos.resource import Body, Field, Paging, Resource, refuse_unstorable
from tallystick.apis.eventhos.resource_collection import UnitOfWork
from tallystick.apis.eventhos.subjects import ADMIN
from tallystick.apis.eventhos.tables import applications, resources, role_permissions, roles
from tallystick.apis.eventhos.tables import permissions as permissions_table

DEFAULT_PERMISSIONS = ("*", "create", "update", "delete", "select")
"""What is allowed on a new resource."""

FIXED = frozenset({ADMIN, permissions.EVERYTHING.partition(":")[0]})
"""The role that may do everything, and the resource it holds."""

_IDENTIFIER = Field("identifier", "identifier")
ROLES = Resource(roles, [_IDENTIFIER])
APPLICATIONS = Resource(applications, [_IDENTIFIER])
RESOURCES = Resource(
    resources,
    [
        Field("resourceIdentifier", "identifier"),
        Field("applications_id", "application_id", refers_to=applications),
    ],
)
PERMISSIONS = Resource(
    permissions_table,
    [
        Field("allowed", "identifier"),
        Field("applicationResource_id", "resource_id", refers_to=resources),
    ],
)


class Roles:
    """The roles, applications, resources and permissions; a change applies at once."""

    def __init__(self, unit_of_work: UnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    async def list_roles(self, paging: Paging) -> Body:
        """Return a page of roles with their permissions."""

        def found(connection: Connection) -> Body:
            page = ROLES.list_page(connection, paging)
            return _with(page, "resources", connection, permissions.resources_of_roles)

        return await self._unit_of_work.read(found)

    async def list_role_names(self) -> list[Body]:
        """Return the id and the identifier of every role."""
        return _names(await self._unit_of_work.read(ROLES.list_all))

    async def create_role(self, body: Body) -> Any:
        """Create a role with the permissions of ``allowedObject``; raise `Taken` or `BadField`."""

        def work(connection: Connection, now_ms: int) -> Any:
            role_id = _insert(connection, ROLES, body, now_ms, unique="identifier")
            _grant(connection, role_id, _granted(body["allowedObject"]))
            return role_id

        return await self._unit_of_work.write(work)

    async def change_permissions(self, role_id: int, body: Body) -> None:
        """Give and take the permissions by which two objects differ; raise `NotFound` or `Fixed`.

        The body has ``newAllowedObject``, and ``originalAllowedObject`` as it was read.
        """
        wanted = _granted(body["newAllowedObject"])
        taken = _granted(body["originalAllowedObject"]) - wanted

        def work(connection: Connection, _: int) -> None:
            _refuse_fixed(ROLES.get_row(connection, role_id))
            c = role_permissions.c
            mine = c.role_id == role_id
            gone = delete(role_permissions).where(mine, c.permission_id.in_(taken))
            connection.execute(gone)
            held = connection.scalars(select(c.permission_id).where(mine)).all()
            _grant(connection, role_id, wanted - set(held))

        await self._unit_of_work.write(work)

    async def delete_role(self, role_id: int) -> None:
        """Delete a role; its holders lose its permissions; raise `NotFound` or `Fixed`."""
        await self._unit_of_work.write(lambda c, now_ms: _delete(c, ROLES, role_id, now_ms))

    async def list_resources(self, paging: Paging) -> Body:
        """Return a page of resources with their possible permissions."""

        def found(connection: Connection) -> Body:
            page = RESOURCES.list_page(connection, paging)
            return {**page, "items": _resources(connection, page["items"])}

        return await self._unit_of_work.read(found)

    async def list_all_resources(self) -> list[Body]:
        """Return every resource with its possible permissions."""
        return await self._unit_of_work.read(lambda c: _resources(c, RESOURCES.list_all(c)))

    async def create_resource(self, body: Body) -> Any:
        """Create a resource with the default permissions; raise `Taken` or `BadField`."""

        def work(connection: Connection, now_ms: int) -> Any:
            resource_id = _insert(connection, RESOURCES, body, now_ms, unique="identifier")
            for allowed in DEFAULT_PERMISSIONS:
                _allow(connection, resource_id, allowed, now_ms)
            return resource_id

        return await self._unit_of_work.write(work)

    async def change_resource(self, resource_id: int, body: Body) -> None:
        """Add and delete the permissions by which two lists differ; raise `NotFound` or `Fixed`.

        The body has ``newResourcePermissions``, and ``originalResourcePermissions`` as it was read.
        """
        wanted = _allowed(body["newResourcePermissions"])
        gone = _allowed(body["originalResourcePermissions"]) - wanted

        def work(connection: Connection, now_ms: int) -> None:
            _refuse_fixed(RESOURCES.get_row(connection, resource_id))
            c = permissions_table.c
            mine = (c.resource_id == resource_id) & c.deleted.is_(None)
            unwanted = update(permissions_table).where(mine, c.identifier.in_(gone))
            connection.execute(unwanted.values(deleted=now_ms))
            held = connection.scalars(select(c.identifier).where(mine)).all()
            for allowed in sorted(wanted - set(held)):
                _allow(connection, resource_id, allowed, now_ms)

        await self._unit_of_work.write(work)

    async def delete_resource(self, resource_id: int) -> None:
        """Delete a resource with its permissions; raise `NotFound` or `Fixed`."""
        await self._unit_of_work.write(lambda c, now_ms: _delete(c, RESOURCES, resource_id, now_ms))

    async def list_applications(self) -> list[Body]:
        """Return the id and the identifier of every application."""
        return _names(await self._unit_of_work.read(APPLICATIONS.list_all))

    async def create_application(self, body: Body) -> Any:
        """Create an application and return its id; raise `Taken`."""
        return await self._unit_of_work.write(
            lambda c, now_ms: _insert(c, APPLICATIONS, body, now_ms, unique="identifier")
        )

    async def create_permission(self, body: Body) -> Any:
        """Create a permission and return its id; raise `BadField`."""
        return await self._unit_of_work.write(
            lambda c, now_ms: _insert(c, PERMISSIONS, body, now_ms)
        )


def _names(items: Iterable[Body]) -> list[Body]:
    return [{"id": item["id"], "identifier": item["identifier"]} for item in items]


def _with(page: Body, name: str, connection: Connection, read: Any) -> Body:
    found: Mapping[int, Any] = read(connection, [item["id"] for item in page["items"]])
    return {**page, "items": [{**item, name: found[item["id"]]} for item in page["items"]]}


def _resources(connection: Connection, items: Sequence[Body]) -> list[Body]:
    allowed = permissions.allowed_on(connection, [item["id"] for item in items])
    return [
        {
            "id": item["id"],
            "applicationResourceName": item["resourceIdentifier"],
            "allowed": allowed[item["id"]],
        }
        for item in items
    ]


def _insert(
    connection: Connection, resource: Resource, body: Body, now_ms: int, unique: str | None = None
) -> Any:
    """Insert a row and return its id; raise `Taken` if another one has its unique column."""
    values = resource.to_row(connection, body, None)
    if unique and connection.scalar(select(_is_taken(resource.table, unique, values[unique]))):
        raise Taken
    made = connection.execute(insert(resource.table).values(**values, created=now_ms))
    return made.inserted_primary_key[0]  # type: ignore[index]  # an insert has one


def _delete(connection: Connection, resource: Resource, id_: int, now_ms: int) -> None:
    _refuse_fixed(resource.get_row(connection, id_))
    resource.delete_row(connection, id_, now_ms)


def _refuse_fixed(row: Row[Any]) -> None:
    if row.identifier in FIXED:
        raise Fixed


def _is_taken(table: Table, column: str, value: Any) -> Any:
    return exists().where(table.c[column] == value, table.c.deleted.is_(None))


def _allow(connection: Connection, resource_id: int, allowed: str, now_ms: int) -> None:
    body = {"allowed": allowed, "applicationResource_id": resource_id}
    _insert(connection, PERMISSIONS, body, now_ms)


def _granted(by_resource: Mapping[str, Sequence[Body]]) -> frozenset[int]:
    return frozenset(one["id"] for given in by_resource.values() for one in given)


def _allowed(given: Sequence[Body]) -> frozenset[str]:
    for one in given:
        refuse_unstorable("allowed", one["allowed"])
    return frozenset(one["allowed"].lower() for one in given)


def _grant(connection: Connection, role_id: int, ids: Collection[int]) -> None:
    c = permissions_table.c
    known = connection.scalars(select(c.id).where(c.id.in_(ids), c.deleted.is_(None))).all()
    if len(known) < len(ids):
        raise BadField("allowedObject", "has an unknown id")
    rows = [{"role_id": role_id, "permission_id": id_} for id_ in sorted(known)]
    if rows:
        connection.execute(insert(role_permissions), rows)
