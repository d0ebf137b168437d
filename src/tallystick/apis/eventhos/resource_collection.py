"""Collections of managed resources for the handlers, with a transaction for each call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection

from tallystick.apis.eventhos.resource import Body, Paging, Resource
from tallystick.apis.eventhos.sender_directory import SenderDirectory
from tallystick.apis.eventhos.to_event import API
from tallystick.clock import Clock
from tallystick.store import Database, bump_revision

T = TypeVar("T")
Changed = Callable[[Connection, Any], None]


class UnitOfWork:
    """A runner of transactions on managed resources; a write reloads every process's directory."""

    def __init__(self, database: Database, clock: Clock, directory: SenderDirectory) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory

    async def read(self, function: Callable[[Connection], T]) -> T:
        """Return the result of a reading function."""
        return await self._database.read(function)

    async def write(self, function: Callable[[Connection, int], T]) -> T:
        """Return the result of a writing function, called with the time in ms since the epoch."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> T:
            bump_revision(connection, API)
            return function(connection, now_ms)

        result = await self._database.write(work)
        await self._directory.load()
        return result


class ResourceCollection:
    """The resources of one kind."""

    def __init__(
        self, resource: Resource, unit_of_work: UnitOfWork, changed: Changed | None = None
    ) -> None:
        """`changed` is called with the id of a changed or deleted resource, in its transaction."""
        self._resource = resource
        self._unit_of_work = unit_of_work
        self._changed = changed

    async def list_page(self, paging: Paging, *rules: ColumnElement[bool]) -> Body:
        """Return a page of the resources that match all rules."""
        return await self._unit_of_work.read(lambda c: self._resource.list_page(c, paging, *rules))

    async def get_resource(self, id_: Any) -> Body:
        """Return the resource with this id; raise `NotFound`."""
        return await self._unit_of_work.read(
            lambda c: self._resource.to_json(self._resource.get_row(c, id_))
        )

    async def create_resource(self, body: Body) -> Any:
        """Create a resource and return its id; raise `BadField`."""
        return await self._unit_of_work.write(
            lambda c, now_ms: self._resource.create_row(c, body, now_ms)
        )

    async def update_resource(self, id_: Any, body: Body) -> Any:
        """Change a resource and return its id; raise `NotFound` or `BadField`."""

        def work(connection: Connection, _: int) -> Any:
            self._resource.update_row(connection, id_, body)
            self._tell(connection, id_)
            return id_

        return await self._unit_of_work.write(work)

    async def delete_resource(self, id_: Any) -> Any:
        """Delete a resource and return its id; raise `NotFound` or `InUse`."""

        def work(connection: Connection, now_ms: int) -> Any:
            self._resource.delete_row(connection, id_, now_ms)
            self._tell(connection, id_)
            return id_

        return await self._unit_of_work.write(work)

    def _tell(self, connection: Connection, id_: Any) -> None:
        if self._changed is not None:
            self._changed(connection, id_)
