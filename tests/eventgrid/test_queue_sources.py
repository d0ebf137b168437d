"""A queue is read by one process at a time, and by another one when its lease has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import pytest
from sqlalchemy import Connection, update

from tallystick.apis.eventgrid import queue_sources
from tallystick.apis.eventgrid.channels import create_channel
from tallystick.apis.eventgrid.queue_sources import CONNECTING, NOT_READ, QueueStates
from tallystick.apis.eventgrid.sources import Sources, delete_source
from tallystick.apis.eventgrid.tables import consumers
from tallystick.apis.rabbitmq_instances import RabbitmqInstances
from tallystick.encryption import Encryptor
from tallystick.store import Database

T = TypeVar("T")
DETAIL = {"instance_id": "i", "queue_name": "q"}
ENCRYPTOR = Encryptor(["a key of thirty-two characters!!"])
INSTANCES = RabbitmqInstances({"i": "amqp://127.0.0.1"}, ENCRYPTOR)


def make(connection: Connection) -> str:
    channel = create_channel(connection, "p", {"name": "c"}, 0)
    body = {"name": "s", "channel_id": channel["id"], "type": "RABBITMQ", "detail": DETAIL}
    made = Sources(ENCRYPTOR, INSTANCES).create_source(connection, "p", body, 0)
    return str(made["id"])


def end(connection: Connection) -> None:
    connection.execute(update(consumers).values(until=0))


def reason(connection: Connection, id_: str) -> str:
    return QueueStates(connection, INSTANCES, [id_]).find_reason(id_, DETAIL)


async def change_hands(url: str) -> None:
    database = Database(url)
    await database.open()

    async def do(function: Callable[..., T], *arguments: object) -> T:
        return await database.write(lambda connection: function(connection, *arguments))

    claim = partial(do, queue_sources.claim_sources)
    try:
        id_ = await do(make)
        assert await do(reason, id_) == NOT_READ
        assert await claim([id_, "another"], "a") == {id_}
        assert await do(reason, id_) == CONNECTING
        await do(queue_sources.tell_reason, id_, "a", "")
        assert await claim([id_], "b") == frozenset()
        assert await claim([id_], "a") == {id_}
        assert await do(reason, id_) == ""
        await do(end)
        assert await do(reason, id_) == NOT_READ
        assert await claim([id_], "b") == {id_}
        assert await claim([id_], "a") == frozenset()
        await do(queue_sources.tell_reason, id_, "a", "of one that lost its lease")
        assert await do(reason, id_) == CONNECTING
        await do(queue_sources.release_sources, "b")
        assert await claim([id_], "a") == {id_}
        await do(delete_source, "p", id_)
        assert await claim([id_], "a") == frozenset()
    finally:
        await database.close()


def test_a_source_changes_hands_when_its_lease_has_ended() -> None:
    asyncio.run(change_hands("sqlite://"))


def test_a_source_changes_hands_on_postgresql(postgres_url: str) -> None:
    asyncio.run(change_hands(postgres_url))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, ("guest", "guest", "/")),
        ({"user_name": None, "password": None}, ("guest", "guest", "/")),
        ({"user_name": "u", "password": "p", "vhost_name": "v"}, ("u", "p", "v")),
    ],
)
def test_the_optional_members_of_a_detail_have_defaults(
    given: dict[str, str | None], expected: tuple[str, str, str]
) -> None:
    async def listed() -> None:
        database = Database("sqlite://")
        await database.open()
        try:
            id_ = await database.write(make)
            body = {"detail": {**DETAIL, **given}}
            sources = Sources(ENCRYPTOR, INSTANCES)
            await database.write(lambda c: sources.update_source(c, "p", id_, body, 1))
            [found] = await database.read(
                lambda c: queue_sources.list_queue_sources(c, ENCRYPTOR, {"i": "amqp://a"})
            )
            assert (found.user, found.password, found.virtual_host) == expected
        finally:
            await database.close()

    asyncio.run(listed())
