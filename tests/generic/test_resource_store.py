"""Resources are kept by their collection and id, also those that were deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine

from tallystick.apis.generic.resource_store import (
    ResourceKey,
    delete_resource,
    get_resource,
    list_resources,
    next_number,
    put_resource,
)
from tallystick.apis.generic.tables import resources


@pytest.fixture
def connection() -> Iterator[Connection]:
    with create_engine("sqlite://").connect() as connection:
        resources.create(connection)
        yield connection


def key(id_: str, collection: str = "/pets") -> ResourceKey:
    return ResourceKey("crm", collection, id_)


def test_an_item_is_replaced_in_its_place(connection: Connection) -> None:
    for position, id_ in enumerate("ab"):
        put_resource(connection, key(id_), str(position), {"id": id_})
    put_resource(connection, key("a"), "9", {"id": "a", "name": "Ada"})
    page = list_resources(connection, "crm", "/pets", lambda _: True, 0, 10)
    assert page.items == [{"id": "a", "name": "Ada"}, {"id": "b"}]


def test_a_deleted_item_is_known_to_have_been_there(connection: Connection) -> None:
    put_resource(connection, key("a"), "1", {"id": "a"})
    put_resource(connection, key("1", "/pets/a/toys"), "2", {})
    put_resource(connection, key("1", "/pets/ab/toys"), "3", {})
    delete_resource(connection, key("a"))
    gone = get_resource(connection, key("a"))
    assert gone is not None
    assert gone.item is None
    assert get_resource(connection, key("b")) is None
    assert get_resource(connection, key("1", "/pets/a/toys")) is None
    assert get_resource(connection, key("1", "/pets/ab/toys")) is not None


def test_numbers_are_never_given_twice(connection: Connection) -> None:
    assert next_number(connection, "crm", "/pets") == 1
    for id_ in ("9", "10"):
        put_resource(connection, key(id_), id_, {})
    assert next_number(connection, "crm", "/pets") == 11
    delete_resource(connection, key("10"))
    assert next_number(connection, "crm", "/pets") == 11
    put_resource(connection, key("1"), "1", {})
    for id_ in ("a long name", "-1234", "12.5"):
        put_resource(connection, key(id_), "1", {})
    assert next_number(connection, "crm", "/pets") == 11


def test_a_page_of_all_items_is_that_of_those_that_all_match(connection: Connection) -> None:
    for position, id_ in enumerate("abcd"):
        put_resource(connection, key(id_), str(position), {"id": id_})
    delete_resource(connection, key("b"))
    for matches in (None, lambda _: True):
        page = list_resources(connection, "crm", "/pets", matches, 1, 1)
        assert page == ([{"id": "c"}], 3)
