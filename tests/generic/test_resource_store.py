"""Resources are kept by their collection and id, also those that were deleted."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, make_url

from tallystick.apis.generic import resource_store
from tallystick.apis.generic.resource_store import (
    PAGE_BYTES,
    Item,
    ItemFilter,
    ItemPage,
    PlacedItem,
    ResourceKey,
    delete_resource,
    get_resource,
    list_resources,
    list_slice,
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
    page = list_resources(connection, "crm", "/pets", "", 0, 10, counts=True)
    assert page.items == [{"id": "a", "name": "Ada"}, {"id": "b"}]


def test_a_deleted_item_is_known_to_have_been_there(connection: Connection) -> None:
    put_resource(connection, key("a"), "1", {"id": "a"})
    put_resource(connection, key("1", "/pets/a/toys"), "2", {})
    put_resource(connection, key("1", "/pets/ab/toys"), "3", {})
    delete_resource(connection, key("a"), "/pets/a/")
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
    delete_resource(connection, key("10"), "/pets/10/")
    assert next_number(connection, "crm", "/pets") == 11
    put_resource(connection, key("1"), "1", {})
    for id_ in ("a long name", "-1234", "12.5"):
        put_resource(connection, key(id_), "1", {})
    assert next_number(connection, "crm", "/pets") == 11


def put_pets(connection: Connection, *items: Item) -> None:
    for number, item in enumerate(items):
        put_resource(connection, key(str(number)), f"{number:04}", item)


def test_a_page_has_no_deleted_items_and_counts_the_others_if_asked(connection: Connection) -> None:
    put_pets(connection, *({"id": id_} for id_ in "abcd"))
    delete_resource(connection, key("1"), "/pets/1/")
    c, d = {"id": "c"}, {"id": "d"}
    page = partial(list_resources, connection, "crm", "/pets")
    assert page("", 1, 1, counts=True) == ItemPage(
        [c], has_more=True, last="0002", before=1, total=3
    )
    assert page("", 1, 1, counts=False) == ItemPage([c], has_more=True, last="0002", before=1)
    assert page("0001", 0, 2, counts=True) == ItemPage([c, d], last="0003", before=1, total=3)
    assert page("0003", 0, 2, counts=True) == ItemPage([], before=3, total=3)


def test_a_page_ends_before_the_item_that_it_has_no_room_for(connection: Connection) -> None:
    put_pets(connection, *({"id": id_, "text": "x" * (PAGE_BYTES // 3)} for id_ in "abcde"))
    page = list_resources(connection, "crm", "/pets", "", 0, 5, counts=False)
    assert [item["id"] for item in page.items] == ["a", "b"]
    assert page.has_more
    rest = list_resources(connection, "crm", "/pets", "0002", 0, 5, counts=False)
    assert [item["id"] for item in rest.items] == ["d", "e"]
    assert not rest.has_more


def test_a_page_has_its_first_item_whatever_its_size(connection: Connection) -> None:
    put_pets(connection, {"text": "x" * PAGE_BYTES}, {"id": "b"})
    page = list_resources(connection, "crm", "/pets", "", 0, 5, counts=False)
    assert len(page.items) == 1
    assert page.has_more


def test_a_slice_ends_when_it_is_more_than_a_page(connection: Connection) -> None:
    put_pets(connection, *({"id": id_, "text": "x" * (PAGE_BYTES // 2)} for id_ in "abcd"))
    wanted = ItemFilter((), lambda item: item["id"] == "b")
    found = list_slice(connection, "crm", "/pets", wanted, "")
    assert [placed.item["id"] for placed in found.items] == ["b"]
    assert found.last == "0002"
    assert list_slice(connection, "crm", "/pets", wanted, "0002").last is None


def test_slices_have_the_items_with_all_fragments_in_order(connection: Connection) -> None:
    look_for_fragments(connection)


def test_postgresql_looks_for_fragments_too(empty_postgres_url: str) -> None:
    engine = create_engine(make_url(empty_postgres_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        resources.create(connection)
        look_for_fragments(connection)
        connection.rollback()
    engine.dispose()


def look_for_fragments(connection: Connection) -> None:
    put_pets(
        connection, *({"id": n, "name": name} for n, name in enumerate(["é%_", "\ud800", "c"]))
    )

    def look(after: str, *fragments: bytes) -> list[Any]:
        wanted = ItemFilter(fragments, lambda item: item["id"] != 1)
        found = list_slice(connection, "crm", "/pets", wanted, after).items
        return [placed.item["id"] for placed in found]

    assert look("", b"c", b"2") == [2]
    assert look("", "é%_".encode()) == [0]
    assert look("", b"name") == [0, 2]
    assert look("0000", b"name") == [2]
    assert look("0000", b"%") == []


def test_a_slice_ends_where_others_have_their_turn(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource_store, "SLICE", 2)
    put_pets(connection, {"id": 1}, {}, {})
    wanted = ItemFilter((), lambda item: item != {"id": 1})
    look = partial(list_slice, connection, "crm", "/pets", wanted)
    assert look("") == ([PlacedItem("0001", {}, 2)], "0001")
    assert look("0001") == ([PlacedItem("0002", {}, 2)], None)
