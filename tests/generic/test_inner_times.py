"""An object that callers send has the times that the server adds to it."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.apis.generic.item_path import ItemPath
from tallystick.apis.generic.new_item import NewItems
from tallystick.apis.generic.resource_type import ResourceType
from tallystick.contract.schema_values import SchemaValues

THEN_MS, THEN = 1_769_847_330_000, "2026-01-31T08:15:30.000Z"
NOW_MS, NOW = THEN_MS + 1_000, "2026-01-31T08:15:31.000Z"
TIME = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}


def kind_of(rules: dict[str, Any], required: list[str]) -> ResourceType:
    times = {"createdAt": {**TIME, **rules}, "updatedAt": {**TIME, **rules}}
    attributes = {"type": "object", "required": required, "properties": {"title": TEXT, **times}}
    schema = {"type": "object", "properties": {"id": TEXT, "attributes": attributes}}
    return ResourceType(ItemPath("/books", "id"), "/books", "id", ("id",), schema, None)


OWN = kind_of({"readOnly": True}, [])
REQUIRED = kind_of({}, ["createdAt", "updatedAt"])


@pytest.mark.parametrize("kind", [OWN, REQUIRED], ids=["readOnly", "required"])
def test_a_new_item_has_them_and_a_change_moves_the_last_one_alone(kind: ResourceType) -> None:
    items = NewItems(SchemaValues({}, {}), {})
    old = items.complete(kind, {"attributes": {"title": "x"}}, THEN_MS)
    assert old == {"attributes": {"title": "x", "createdAt": THEN, "updatedAt": THEN}}
    replaced = items.complete(kind, {"attributes": {"title": "y"}}, NOW_MS, old)
    assert replaced == {"attributes": {"title": "y", "createdAt": THEN, "updatedAt": NOW}}
    patch = {"attributes": {**old["attributes"], "title": "z"}}
    patched = items.keep_own(kind, patch, old, NOW_MS)
    assert patched == {"attributes": {"title": "z", "createdAt": THEN, "updatedAt": NOW}}


def test_what_a_caller_may_send_stays_and_what_is_the_servers_does_not() -> None:
    sent = {"attributes": {"createdAt": "sent", "updatedAt": "sent"}}
    assert NewItems(SchemaValues({}, {}), {}).complete(REQUIRED, sent, NOW_MS) == sent
    items = NewItems(SchemaValues({}, {}), {})
    assert items.complete(OWN, sent, NOW_MS) == {"attributes": {"createdAt": NOW, "updatedAt": NOW}}
    old = {"attributes": {"createdAt": THEN, "updatedAt": THEN}}
    assert items.keep_own(OWN, sent, old, NOW_MS) == {
        "attributes": {"createdAt": THEN, "updatedAt": NOW}
    }


@pytest.mark.parametrize("sent", [{}, {"attributes": None}, {"attributes": "x"}])
def test_an_object_that_is_not_sent_is_left_out(sent: dict[str, Any]) -> None:
    assert NewItems(SchemaValues({}, {}), {}).complete(OWN, sent, NOW_MS) == sent
