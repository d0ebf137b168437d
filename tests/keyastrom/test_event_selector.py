"""Events are selected by a text."""

from __future__ import annotations

import pytest

from keyastrom_world import HOST, INFO, NOW, ON_HOST, PROBLEM, Kept, titles
from tallystick.apis.keyastrom.event_selector import parse_event_selector
from tallystick.apis.keyastrom.ingest import HOUR_MS
from tallystick.apis.keyastrom.selector_parser import SelectorError


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("eventType(CUSTOM_INFO)", ["info"]),
        ('eventType("CUSTOM_INFO","ERROR_EVENT") , status("OPEN")', ["down", "info"]),
        ("EVENTTYPE(custom_info)", []),
        ("status(CLOSED)", ["over"]),
        ("status(OPEN,CLOSED) AND eventType(CUSTOM_ALERT)", ["over"]),
        (f"entityId({HOST.id})", ["down"]),
        ("managementZoneId(7)", ["down"]),
        ("managementZoneId(8)", []),
        ("property.Load per minute(100)", ["info"]),
        ('property.Load per minute("1","100")', ["info"]),
        ("property.Load(100)", []),
        ('property.q("~"~~\\")', ["down"]),
        ("eventId(nonsense)", []),
        ("correlationId(nonsense)", []),
    ],
)
def test_events_are_selected(world: Kept, selector: str, found: list[str]) -> None:
    world.ingest({**PROBLEM, "title": "down", "properties": {"q": '"~\\', "n": "\0"}}, ON_HOST)
    world.ingest({**INFO, "title": "info", "properties": {"Load per minute": 100}})
    over = {"startTime": NOW - HOUR_MS, "eventType": "CUSTOM_ALERT"}
    world.ingest({**over, "title": "over"})
    assert sorted(titles(world.events(event_selector=selector))) == found


def test_events_are_selected_by_their_ids(world: Kept) -> None:
    world.ingest(INFO)
    world.ingest(PROBLEM)
    for event in world.events()["events"]:
        for selector in (
            f"eventId({event['eventId']})",
            f"correlationId({event['correlationId']})",
        ):
            assert world.events(event_selector=selector)["events"] == [event]


def test_events_are_selected_by_the_entities_that_they_are_on(world: Kept) -> None:
    world.ingest(INFO)
    world.ingest(PROBLEM, ON_HOST)
    by_group = "type(HOST),fromRelationship.isInstanceOf(type(HOST_GROUP),entityName(web))"
    assert titles(world.events(entity_selector=by_group)) == ["Down"]
    assert titles(world.events(entity_selector="type(ENVIRONMENT)")) == ["Load test"]
    assert titles(world.events(entity_selector="type(SERVICE)")) == []


@pytest.mark.parametrize(
    "text",
    [
        ",".join(["eventType(A)"] * 101),
        f"property.a({'x,' * 100}x)",
        f"suppressProblem({'true,' * 100}true)",
        f"status({'OPEN,' * 100}OPEN)",
    ],
    ids=["criteria", "properties", "flags", "states"],
)
def test_a_selector_that_asks_too_much_is_refused(text: str) -> None:
    with pytest.raises(SelectorError, match="Got more than 100 criteria"):
        parse_event_selector(text)


def test_many_ids_ask_little() -> None:
    assert len(parse_event_selector(f"entityId({'x,' * 4_000}x)")) == 1
