"""Where an item stands in a body is read from the schemas."""

from __future__ import annotations

from typing import Any

import pytest

from generic.wrapped_contracts import COUNT, TEXT, array, record
from tallystick.apis.generic.item_place import (
    ItemClues,
    SentPlace,
    clues_of,
    find_item,
    find_sent,
    id_names,
    part_at,
    sent_members,
)
from tallystick.apis.generic.listing import find_array
from tallystick.contract.schema_shape import SchemaShape

OWNER = record(id=TEXT, name=TEXT)
PET = record(id=COUNT, name=TEXT, owner=OWNER)
NEW_PET = record(name=TEXT, owner=OWNER)
ROOT = {"components": {"schemas": {"Pet": PET}}}
REF = {"$ref": "#/components/schemas/Pet"}
IDS = id_names("petId")


def shape(schema: Any) -> SchemaShape:
    return SchemaShape(schema, ROOT)


@pytest.mark.parametrize(
    ("answer", "sent", "place"),
    [
        (PET, NEW_PET, ()),
        (record(name=TEXT, owner=OWNER), NEW_PET, ()),
        (record(id=TEXT, owner=OWNER), record(size=COUNT), ()),
        (record(id=TEXT, owner=OWNER), record(name=TEXT), ()),
        (record(name=TEXT, category=OWNER, tags=array(TEXT)),
         record(name=TEXT, category=OWNER, tags=array(TEXT)), ()),
        (record(message=TEXT), NEW_PET, ()),
        ({}, NEW_PET, ()),
        ({"type": "array", "items": PET}, NEW_PET, ()),
        (record(data=PET), NEW_PET, ("data",)),
        (record(data=PET), {}, ("data",)),
        (record(data=PET), record(data=NEW_PET), ("data",)),
        (record(pet=PET, user=OWNER), NEW_PET, ("pet",)),
        (record(user=OWNER, pet=PET), NEW_PET, ("pet",)),
        (record(status=TEXT, data=record(id=TEXT, status=TEXT)), record(status=TEXT), ("data",)),
        (record(data=record(pet=PET)), NEW_PET, ("data", "pet")),
        (record(data=record(id=TEXT, attributes=NEW_PET)), NEW_PET, ("data",)),
        (record(links=record(id=TEXT, name=TEXT), data=PET), NEW_PET, ("data",)),
        (record(data={"anyOf": [PET, {"type": "null"}]}), NEW_PET, ("data",)),
        (record(pet=record(pet=TEXT, name=TEXT)), record(pet=TEXT, name=TEXT), ("pet",)),
        (record(errors=array(TEXT), pet=PET), record(key=TEXT, pet=NEW_PET), ("pet",)),
        (record(pet=PET), record(key=TEXT, pet=NEW_PET), ("pet",)),
        (record(color=TEXT, owner=OWNER), record(color=TEXT, owner=OWNER), ()),
    ],
)  # fmt: skip
def test_an_item_is_found_by_its_id_and_what_is_sent_of_it(
    answer: Any, sent: Any, place: tuple[str, ...]
) -> None:
    assert find_item(shape(answer), ItemClues(sent_members(shape(sent)), ids=IDS)) == place


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (REF, ()),
        (record(id=TEXT, result=REF), ("result",)),
        (record(done=TEXT, result=REF, draft=OWNER), ("result",)),
        (record(cost=COUNT, pet=REF), ("pet",)),
        (record(id=TEXT, pet=REF), ()),
    ],
)
def test_an_item_is_found_by_the_schema_of_a_list_s_items(
    answer: Any, place: tuple[str, ...]
) -> None:
    sent = frozenset({("name", False), ("pet", True)})
    clues = ItemClues(sent, frozenset(shape(REF).references), IDS)
    assert find_item(shape(answer), clues) == place


@pytest.mark.parametrize(
    ("request_", "item", "expected"),
    [
        (NEW_PET, PET, SentPlace()),
        (record(pet=NEW_PET), PET, SentPlace(("pet",))),
        (record(name=TEXT, parent=PET), record(id=TEXT, name=TEXT, parent=PET), SentPlace()),
        (record(owner=OWNER), PET, SentPlace()),
        (NEW_PET, record(id=TEXT, attributes=NEW_PET), SentPlace((), ("attributes",))),
        (record(data=NEW_PET), record(id=TEXT, attributes=NEW_PET),
         SentPlace(("data",), ("attributes",))),
        ({}, PET, SentPlace()),
        (record(x=TEXT), PET, SentPlace()),
        (record(x=TEXT, to=OWNER), record(no=COUNT, by=OWNER), SentPlace()),
        (record(x=TEXT, name=TEXT), record(no=COUNT, by=OWNER), SentPlace()),
    ],
)  # fmt: skip
def test_what_is_sent_of_an_item_is_found_in_a_request(
    request_: Any, item: Any, expected: SentPlace
) -> None:
    assert find_sent(shape(request_), shape(item), IDS, ()) == expected


def test_a_request_that_is_wrapped_like_the_answer_is_so_whatever_the_item_has() -> None:
    event = record(id=TEXT, type=TEXT, data=record(x=TEXT))
    sent = record(data=record(type=TEXT, data=record(x=TEXT)))
    assert find_sent(shape(sent), shape(event), IDS, ("data",)).place == ("data",)


def test_the_defaults_of_a_request_are_those_of_what_an_item_shows() -> None:
    sent = record(name={"type": "string", "default": "Rex"}, mode={"default": "fast"})
    place = find_sent(shape(sent), shape(PET), IDS, ())
    assert place.whole_item_in({}) == {"name": "Rex"}
    assert place.whole_item_in({"name": "Bo"}) == {"name": "Bo"}
    assert place.item_in({}) == {}


@pytest.mark.parametrize("body", [None, "text", [1], {"data": "text"}, {"data": None}])
def test_any_body_has_an_item_or_none(body: Any) -> None:
    assert SentPlace(("data",), ("attributes",)).whole_item_in(body) == {"attributes": {}}


def test_a_body_without_the_place_is_the_part_itself() -> None:
    assert part_at({"name": "Rex"}, ("data",)) == {"name": "Rex"}
    assert part_at({"data": {"name": "Rex"}}, ("data",)) == {"name": "Rex"}


@pytest.mark.parametrize(
    ("answer", "place", "item"),
    [
        ({"type": "array", "items": PET}, (), ()),
        (record(warnings=array(TEXT), pets=array(PET)), ("pets",), ()),
        (record(owners=array(OWNER), pets=array(PET)), ("pets",), ()),
        (record(included=array(PET), data=array(PET)), ("data",), ()),
        (record(_embedded=record(pets=array(PET))), ("_embedded", "pets"), ()),
        (record(data=array(record(pet=PET))), ("data",), ("pet",)),
        (record(names=array(TEXT)), ("names",), ()),
    ],
)
def test_the_items_of_a_list_are_found(
    answer: Any, place: tuple[str, ...], item: tuple[str, ...]
) -> None:
    found = find_array(shape(answer), clues_of(shape(PET), IDS))
    assert found is not None
    assert (found.place, found.item) == (place, item)


def test_an_answer_without_an_array_has_no_items() -> None:
    assert find_array(shape(record(total=COUNT)), clues_of(shape(PET), IDS)) is None
