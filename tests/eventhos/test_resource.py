"""Rows of any kind are listed, made, changed and softly deleted by one set of rules."""

from __future__ import annotations

import re
from typing import Any

import pytest

from stored import Stored
from tallystick.apis.eventhos.exceptions import BadField, InUse
from tallystick.apis.eventhos.managed_resources import EVENTS, SYSTEMS
from tallystick.apis.eventhos.resource import Paging, to_page, with_suffix
from tallystick.apis.eventhos.tables import systems
from tallystick.contract.exceptions import NotFound

SYSTEM = {"systemClass": "iPaas", "identifier": "plane", "name": "Plane", "type": "producer"}
EVENT = {"identifier": "bomb", "name": "Bomb", "operation": "new"}


def create(stored: Stored, **members: Any) -> Any:
    return stored.write(SYSTEMS.create_row, {**SYSTEM, **members}, 1_000)


def shown(stored: Stored, id_: Any) -> dict[str, Any]:
    return stored.write(lambda c: SYSTEMS.to_json(SYSTEMS.get_row(c, id_)))


def names(stored: Stored, paging: Paging) -> list[str]:
    page = stored.write(SYSTEMS.list_page, paging)
    return [item["name"] for item in page["items"]]


def test_a_new_one_has_what_was_given_and_defaults(stored: Stored) -> None:
    found = shown(stored, create(stored))
    identifier = found.pop("identifier")
    assert re.fullmatch(r"plane-[A-Za-z0-9]{10}", identifier)
    given = {name: value for name, value in SYSTEM.items() if name != "identifier"}
    shown_too = {"class": given["systemClass"], "client_id": None}
    shown_too["created_at"] = "1970-01-01T00:00:01.000Z"
    kept = {"id": found["id"], **given, "clientId": None, "description": ""}
    assert found == kept | shown_too


def test_what_is_given_is_changed_and_the_rest_stays(stored: Stored) -> None:
    id_ = create(stored, description="first")
    before = shown(stored, id_)
    stored.write(SYSTEMS.update_row, id_, {"name": "Ship"})
    assert shown(stored, id_) == {**before, "name": "Ship"}
    stored.write(SYSTEMS.update_row, id_, {"description": None})
    assert shown(stored, id_)["description"] == ""


def test_what_is_fixed_stays_whatever_is_given(stored: Stored) -> None:
    id_ = create(stored)
    before = shown(stored, id_)
    stored.write(SYSTEMS.update_row, id_, {"identifier": "other"})
    assert shown(stored, id_) == before


def test_a_page_is_a_part_in_the_order_that_is_asked_for(stored: Stored) -> None:
    for name in ("b", "c", "a"):
        create(stored, name=name)
    assert names(stored, Paging(0, 2, "name", False)) == ["a", "b"]
    assert names(stored, Paging(1, 2, "name", False)) == ["c"]
    assert names(stored, Paging(0, 9, "name", True)) == ["c", "b", "a"]
    assert names(stored, Paging(0, 9, "id", False)) == ["b", "c", "a"]


def test_a_page_is_sorted_by_members_that_an_answer_shows_beside_the_fields(
    stored: Stored,
) -> None:
    for name, klass in (("a", "producer"), ("b", "consumer"), ("c", "hybrid")):
        create(stored, name=name, systemClass=klass)
    assert names(stored, Paging(0, 9, "class", False)) == ["b", "c", "a"]


def test_a_page_says_how_many_pages_there_are() -> None:
    page = to_page([{}], 5, Paging(1, 2, "id", False))
    assert page == {
        "items": [{}],
        "pageIndex": 1,
        "itemsPerPage": 2,
        "totalItems": 5,
        "totalPages": 3,
    }
    assert to_page([], 0, Paging(0, 2, "id", False))["totalPages"] == 0


def test_only_those_that_keep_all_rules_are_listed(stored: Stored) -> None:
    create(stored, type="producer")
    create(stored, type="consumer")
    rule = systems.c.type == "consumer"
    assert len(stored.write(SYSTEMS.list_all, rule)) == 1
    assert stored.write(SYSTEMS.list_page, Paging(0, 9, "id", False), rule)["totalItems"] == 1


def test_what_is_deleted_is_nowhere_any_more(stored: Stored) -> None:
    id_ = create(stored)
    stored.write(SYSTEMS.delete_row, id_, 2_000)
    for call in (SYSTEMS.get_row, SYSTEMS.update_row, SYSTEMS.delete_row):
        arguments: list[Any] = [] if call == SYSTEMS.get_row else [{}]
        with pytest.raises(NotFound):
            stored.write(call, id_, *arguments)
    assert stored.write(SYSTEMS.list_all) == []


def test_one_that_others_name_stays_until_they_are_gone(stored: Stored) -> None:
    id_ = create(stored)
    event = stored.write(EVENTS.create_row, {**EVENT, "system_id": id_}, 1_000)
    with pytest.raises(InUse):
        stored.write(SYSTEMS.delete_row, id_, 2_000)
    stored.write(EVENTS.delete_row, event, 2_000)
    stored.write(SYSTEMS.delete_row, id_, 2_000)


def test_a_name_of_nothing_is_refused_with_its_member(stored: Stored) -> None:
    with pytest.raises(BadField, match="system_id is an unknown id"):
        stored.write(EVENTS.create_row, {**EVENT, "system_id": 9}, 1_000)
    gone = create(stored)
    stored.write(SYSTEMS.delete_row, gone, 2_000)
    with pytest.raises(BadField, match="system_id"):
        stored.write(EVENTS.create_row, {**EVENT, "system_id": gone}, 1_000)
    with pytest.raises(BadField, match="clientId"):
        create(stored, clientId="nobody")


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_a_text_that_no_database_holds_is_refused_with_its_member(
    stored: Stored, text: str
) -> None:
    with pytest.raises(BadField, match=r"^name has a character that no text may have"):
        create(stored, name=text)
    id_ = create(stored)
    with pytest.raises(BadField, match=r"^name"):
        stored.write(SYSTEMS.update_row, id_, {"name": text})


def test_two_of_one_identifier_are_told_apart() -> None:
    assert len({with_suffix("plane") for _ in range(100)}) == 100
