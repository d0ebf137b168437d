"""Queries that cannot be read are refused."""

from __future__ import annotations

from typing import Any

import pytest

from keyastrom_world import NOW, Kept
from tallystick.apis.keyastrom.entities import Entity
from tallystick.contract.exceptions import Invalid


@pytest.mark.parametrize(
    "parameters",
    [
        {"event_selector": "status(OTHER)"},
        {"event_selector": ""},
        {"event_selector": "title(x)"},
        {"event_selector": "status(OPEN"},
        {"entity_selector": "entityName(x)"},
        {"event_selector": "property.a(\0)"},
    ],
)
def test_a_selector_that_can_t_be_read_is_refused(world: Kept, parameters: Any) -> None:
    with pytest.raises(Invalid, match=r"Found near 1-based column range \[\d+,\d+\)"):
        world.events(**parameters)


def test_a_tried_selector_shows_twenty_entities_and_counts_all(world: Kept) -> None:
    world.add(*(Entity(f"HOST-{n:016X}", "HOST", "web", last_seen_ms=NOW) for n in range(23)))
    found = world.try_selector("type(HOST)")
    assert (len(found["entities"]), found["total"]) == (20, 23)
    assert found["entities"][0]["tags"] == []


@pytest.mark.parametrize("text", ["", "type(", "entityName(x)", "type(\ud800)", "type(A),type(B)"])
def test_a_tried_selector_that_can_t_be_read_names_its_columns(world: Kept, text: str) -> None:
    with pytest.raises(Invalid, match=r"Found near 1-based column range \[\d+,\d+\)") as refused:
        world.try_selector(text)
    assert [violation.name for violation in refused.value.violations] == ["selector"]
