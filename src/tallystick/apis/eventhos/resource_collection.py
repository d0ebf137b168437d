"""The resources of one kind, as handlers reach them: each call is one transaction."""

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
    """Reads, and writes what the registry has to know at once here and soon elsewhere."""

    def __init__(self, database: Database, clock: Clock, directory: SenderDirectory) -> None:
        self._database = database
        self._clock = clock
        self._directory = directory

    async def read(self, function: Callable[[Connection], T]) -> T:
        """What the function finds."""
        return await self._database.read(function)

    async def write(self, function: Callable[[Connection, int], T]) -> T:
        """What the function returns, called with the time in milliseconds."""
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
        """`changed` is called with the id of what was changed or deleted, in its transaction."""
        self._resource = resource
        self._unit_of_work = unit_of_work
        self._changed = changed

    async def list_page(self, paging: Paging, *rules: ColumnElement[bool]) -> Body:
        """One page of those that keep all rules."""
        return await self._unit_of_work.read(lambda c: self._resource.list_page(c, paging, *rules))

    async def get_resource(self, id_: Any) -> Body:
        """The one of that id; raises `NotFound`."""
        return await self._unit_of_work.read(
            lambda c: self._resource.to_json(self._resource.get_row(c, id_))
        )

    async def create_resource(self, body: Body) -> Any:
        """The id of a new one."""
        return await self._unit_of_work.write(
            lambda c, now_ms: self._resource.create_row(c, body, now_ms)
        )

    async def update_resource(self, id_: Any, body: Body) -> Any:
        """The id of the one that was changed; raises `NotFound`."""

        def work(connection: Connection, _: int) -> Any:
            self._resource.update_row(connection, id_, body)
            self._tell(connection, id_)
            return id_

        return await self._unit_of_work.write(work)

    async def delete_resource(self, id_: Any) -> Any:
        """The id of the one that was deleted; raises `NotFound`."""

        def work(connection: Connection, now_ms: int) -> Any:
            self._resource.delete_row(connection, id_, now_ms)
            self._tell(connection, id_)
            return id_

        return await self._unit_of_work.write(work)

    def _tell(self, connection: Connection, id_: Any) -> None:
        if self._changed is not None:
            self._changed(connection, id_)
