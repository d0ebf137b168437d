"""All that is sealed is found, whichever API it is of, and sealed anew."""

from __future__ import annotations

from functools import partial

import pytest
from sqlalchemy import Connection, create_engine, insert, select

from tallystick.apis.eventgrid.tables import sources
from tallystick.apis.gateway.tables import subscriptions
from tallystick.encryption import Encryptor
from tallystick.store import Database, schema
from tallystick.store.sealed import count_sealed, lost_texts, reseal, sealed_columns

pytestmark = pytest.mark.anyio

OLD, NEW, UNKNOWN = Encryptor(["old"]), Encryptor(["new", "old"]), Encryptor(["unknown"])


def put(connection: Connection) -> None:
    fixed = {"name": "", "sink": "https://example.org", "mode": "structured", "filters": "[]"}
    usual = {"active": True, "created": 0, **fixed}
    sealed = {"a": OLD.encrypt("a"), "b": UNKNOWN.encrypt("b"), "none": ""}
    for id_, secrets in sealed.items():
        connection.execute(insert(subscriptions), {"id": id_, "secrets": secrets, **usual})
    texts = ("id", "project", "name", "description", "provider_type", "event_types", "type")
    source = dict.fromkeys(texts, "") | {"created": 0, "updated": 0}
    connection.execute(insert(sources), {**source, "detail": OLD.encrypt("detail")})


def test_secrets_are_looked_for_in_tables_of_every_version() -> None:
    # `check` does, before a start brings the tables up to date.
    with create_engine("sqlite://").begin() as connection:
        for version in schema.known():
            schema.migrate(connection, version)
            assert count_sealed(connection) == 0


async def test_every_column_that_may_hold_a_secret_is_known(database: Database) -> None:
    columns = await database.read(sealed_columns)
    assert {f"{column.table.name}.{column.name}" for column in columns} == {
        "eventgrid_access_keys.secret_key",
        "eventgrid_sources.detail",
        "eventgrid_subscriptions.targets",
        "eventhos_actions.call",
        "eventhos_clients.sealed_secret",
        "eventhos_signing_keys.sealed_key",
        "rabbitmq_instances.address",
        "subscriptions.sealed_options",
        "subscriptions.secrets",
    }


async def test_what_is_sealed_is_counted_and_what_does_not_open_is_told(
    database: Database,
) -> None:
    assert await database.read(count_sealed) == 0
    await database.write(put)
    assert await database.read(count_sealed) == 3
    lost = await database.read(lambda c: [column.name for column, _ in lost_texts(c, OLD)])
    assert lost == ["secrets"]


async def test_everything_that_opens_is_sealed_with_the_first_key(database: Database) -> None:
    await database.write(put)
    assert await database.write(partial(reseal, encryptor=NEW)) == (2, 1)
    new_alone = Encryptor(["new"])
    details = await database.read(lambda c: list(c.scalars(select(sources.c.detail))))
    assert [new_alone.decrypt(detail) for detail in details] == ["detail"]
    lost = await database.read(lambda c: [sealed for _, sealed in lost_texts(c, new_alone)])
    assert [UNKNOWN.decrypt(sealed) for sealed in lost] == ["b"]
