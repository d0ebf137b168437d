"""The people who manage, as others see and change them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, insert, select, update

from tallystick.apis.eventhos.exceptions import Fixed, OthersPassword, Taken
from tallystick.apis.eventhos.people import People, password_digest
from tallystick.apis.eventhos.permissions import roles_of_subjects
from tallystick.apis.eventhos.resource import Body, Paging, refuse_unstorable, to_page
from tallystick.apis.eventhos.resource_collection import UnitOfWork
from tallystick.apis.eventhos.subjects import (
    ADMIN,
    change_roles,
    create_subject,
    find_role,
    taken_roles,
)
from tallystick.apis.eventhos.tables import people, subject_roles
from tallystick.apis.eventhos.to_event import API
from tallystick.apis.keys import ALL_SCOPES, REVISION, ApiKeys
from tallystick.contract.exceptions import NotFound
from tallystick.store import bump_revision
from tallystick.store.tables import keys as keys_table


class Users:
    """The people, each with a key; the key's end shuts them out."""

    def __init__(
        self, unit_of_work: UnitOfWork, keys: ApiKeys, logins: People, *, dev: bool
    ) -> None:
        """With `dev`, the dev world's people are among them."""
        self._unit_of_work = unit_of_work
        self._keys = keys
        self._logins = logins
        self._is_valid = is_valid() if dev else is_valid() & people.c.dev.is_(False)

    async def list_page(self, paging: Paging) -> Body:
        """Return a page of people with their roles."""
        return await self._unit_of_work.read(lambda c: self._page(c, paging))

    async def get_users(self, subject_id: int) -> list[Body]:
        """Return a list of the person with this number; raise `NotFound`."""
        return await self._unit_of_work.read(
            lambda c: _to_json(c, [self._row(c, people.c.subject_id == subject_id)])
        )

    async def get_profile(self, username: str) -> Body:
        """Return the person with this name; raise `NotFound`."""
        [found] = await self._unit_of_work.read(
            lambda c: _to_json(c, [self._row(c, people.c.username == username)])
        )
        return found

    async def create_user(self, body: Body) -> int:
        """Create a person with a password and roles; return the number.

        Raise `Taken`, or `BadField` for an unknown role or an unstorable text.
        """
        username: str = body["username"]
        for name in ("username", "name", "description"):
            refuse_unstorable(name, body.get(name))
        digest = await asyncio.to_thread(password_digest, body["password"])
        person = {"username": username, "name": body["name"], "password_digest": digest}
        person["description"] = body.get("description") or ""

        def work(connection: Connection, now_ms: int) -> int:
            key, _ = self._keys.add_key(connection, API, username)
            roles = body.get("roles", ())
            return add_person(connection, {**person, "id": key.id}, roles, now_ms)

        subject_id = await self._unit_of_work.write(work)
        await self._keys.load()
        return subject_id

    async def rename_user(self, subject_id: int, name: str) -> None:
        """Change the name for people; raise `NotFound` or `BadField`."""
        refuse_unstorable("name", name)

        def work(connection: Connection, _: int) -> None:
            row = self._row(connection, people.c.subject_id == subject_id)
            _update(connection, row.id, name=name)

        await self._unit_of_work.write(work)

    async def change_password(self, username: str, subject_id: int, old: str, new: str) -> None:
        """Change the person's own password; raise `OthersPassword` or `WrongPassword`."""
        [mine] = await self._unit_of_work.read(
            lambda c: [self._row(c, people.c.username == username)]
        )
        if mine.subject_id != subject_id:
            raise OthersPassword
        await self._logins.confirm_password(username, old)
        digest = await asyncio.to_thread(password_digest, new)
        await self._unit_of_work.write(lambda c, _: _update(c, mine.id, password_digest=digest))

    async def change_roles(self, username: str, subject_id: int, body: Body) -> None:
        """Give and take roles by which two lists differ; raise `NotFound` or `BadField`.

        Raise `Fixed` for the person of that username, and for the last admin. With the role
        ``admin`` a key loses its scopes too, as they would allow the same.
        """

        def work(connection: Connection, _: int) -> None:
            row = self._other(connection, username, subject_id)
            if find_role(connection, ADMIN) in taken_roles(body):
                self._refuse_last_admin(connection, subject_id)
                mine = update(keys_table).where(keys_table.c.id == row.id)
                connection.execute(mine.values(scopes=""))
                bump_revision(connection, REVISION)
            change_roles(connection, subject_id, body)

        await self._unit_of_work.write(work)

    async def delete_user(self, username: str, subject_id: int) -> None:
        """Delete a person and revoke the key.

        Raise `NotFound`, or `Fixed` for the person of that username and for the last admin.
        """

        def work(connection: Connection, _: int) -> str:
            row = self._other(connection, username, subject_id)
            self._refuse_last_admin(connection, subject_id)
            connection.execute(delete(people).where(people.c.id == row.id))
            connection.execute(
                delete(subject_roles).where(subject_roles.c.subject_id == subject_id)
            )
            return str(row.id)

        await self._keys.revoke_key(await self._unit_of_work.write(work))

    def _page(self, connection: Connection, paging: Paging) -> Body:
        chosen = select(people).where(self._is_valid)
        total = connection.scalar(select(func.count()).select_from(chosen.subquery())) or 0
        column = people.c.subject_id
        chosen = chosen.order_by(column.desc() if paging.descending else column.asc())
        rows = connection.execute(chosen.limit(paging.size).offset(paging.page * paging.size))
        return to_page(_to_json(connection, rows.all()), total, paging)

    def _other(self, connection: Connection, username: str, subject_id: int) -> Row[Any]:
        row = self._row(connection, people.c.subject_id == subject_id)
        if row.username == username:
            raise Fixed
        return row

    def _refuse_last_admin(self, connection: Connection, subject_id: int) -> None:
        by_role = select(subject_roles.c.subject_id).where(
            subject_roles.c.role_id == find_role(connection, ADMIN)
        )
        # A person of a version without roles has a key alone; sorted, this scope is its first.
        by_key = select(keys_table.c.id).where(keys_table.c.scopes.startswith(ALL_SCOPES))
        is_admin = people.c.subject_id.in_(by_role) | people.c.id.in_(by_key)
        admins = select(people.c.subject_id).where(self._is_valid, is_admin)
        if connection.scalars(admins).all() == [subject_id]:
            raise Fixed

    def _row(self, connection: Connection, rule: ColumnElement[bool]) -> Row[Any]:
        row = connection.execute(select(people).where(rule, self._is_valid)).first()
        if row is None:
            raise NotFound
        return row


def is_valid() -> ColumnElement[bool]:
    """Return the rule for people with a key not revoked."""
    return exists().where(keys_table.c.id == people.c.id, keys_table.c.revoked.is_(None))


def add_person(
    connection: Connection, person: Body, given_roles: Sequence[Body], now_ms: int
) -> int:
    """Insert a person with roles and return the number; raise `Taken` or `BadField`."""
    named = people.c.username == person["username"]
    if connection.scalar(select(exists().where(named, is_valid()))):
        raise Taken
    # A former person of this name can't log in any more, as their key is revoked.
    connection.execute(delete(people).where(named))
    subject_id = create_subject(connection, now_ms, given_roles)
    row = {"dev": False, "created": now_ms, "subject_id": subject_id, **person}
    connection.execute(insert(people).values(**row))
    return subject_id


def _update(connection: Connection, id_: str, **columns: Any) -> None:
    connection.execute(update(people).where(people.c.id == id_).values(columns))


def _to_json(connection: Connection, rows: Iterable[Row[Any]]) -> list[Body]:
    found = list(rows)
    roles = roles_of_subjects(connection, [row.subject_id for row in found])
    return [
        {
            "id": row.subject_id,
            "subjectId": row.subject_id,
            "username": row.username,
            "name": row.name,
            "description": row.description,
            "roles": roles[row.subject_id],
        }
        for row in found
    ]
