from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from keyastrom_world import Kept
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.ingest import HOUR_MS, MINUTE_MS
from tallystick.apis.keyastrom.reports import ReportTarget
from tallystick.contract.exceptions import Invalid, NotFound

NOW = 1_764_064_800_000
HOST = Entity(
    "HOST-0000000000000001",
    "HOST",
    "Web 1",
    first_seen_ms=NOW - HOUR_MS,
    last_seen_ms=NOW,
    tags=["stage:prod", r"[AWS]a\:b:c", "plain"],
    attributes={"osType": ["LINUX"], "ipAddress": ["10.0.0.1", "10.0.0.2"]},
    relationships={"isInstanceOf": ["HOST_GROUP-0000000000000001"], "leads": ["NOWHERE-1"]},
    zones={"7": "Shop"},
)
GROUP = Entity("HOST_GROUP-0000000000000001", "HOST_GROUP", "web", first_seen_ms=NOW)
ON_HOST = ReportTarget(HOST.id, HOST.type)
INFO = {"eventType": "CUSTOM_INFO", "title": "Load test"}
PROBLEM = {"eventType": "ERROR_EVENT", "title": "Down"}


@pytest.fixture
def world(kept: Kept) -> Kept:
    kept.add(GROUP, HOST)
    return kept


def titles(page: dict[str, Any]) -> list[str]:
    return [event["title"] for event in page["events"]]


def ids(page: dict[str, Any]) -> list[str]:
    return [entity["entityId"] for entity in page["entities"]]


def test_an_event_is_shown_as_the_vendor_shows_it(world: Kept) -> None:
    properties = {"Load per minute": 100, "dt.event.suppress_problem": True}
    [result] = world.ingest({**INFO, "properties": properties}, ON_HOST)
    page = world.events()
    [event] = page["events"]
    number, _, start = event["eventId"].partition("_")
    assert int(start) == NOW
    assert int(number).to_bytes(8, "big", signed=True).hex() == result.correlation_id
    assert page == {"totalCount": 1, "pageSize": 100, "events": [event]}
    assert event == {
        "eventId": event["eventId"],
        "startTime": NOW,
        "endTime": -1,
        "eventType": "CUSTOM_INFO",
        "title": "Load test",
        "entityId": {"entityId": {"id": HOST.id, "type": "HOST"}, "name": "Web 1"},
        "properties": [
            {"key": "Load per minute", "value": "100"},
            {"key": "dt.event.suppress_problem", "value": "true"},
        ],
        "status": "OPEN",
        "correlationId": result.correlation_id,
        "entityTags": event["entityTags"],
        "managementZones": [{"id": "7", "name": "Shop"}],
        "underMaintenance": False,
        "suppressAlert": False,
        "suppressProblem": True,
        "frequentEvent": False,
    }
    shown = {tag["stringRepresentation"]: tag for tag in event["entityTags"]}
    assert shown == {
        "plain": {"context": "CONTEXTLESS", "key": "plain", "stringRepresentation": "plain"},
        "stage:prod": {
            "context": "CONTEXTLESS",
            "key": "stage",
            "value": "prod",
            "stringRepresentation": "stage:prod",
        },
        r"[AWS]a\:b:c": {
            "context": "AWS",
            "key": "a:b",
            "value": "c",
            "stringRepresentation": r"[AWS]a\:b:c",
        },
    }


def test_an_event_closes_by_the_clock_alone(world: Kept) -> None:
    world.ingest({**PROBLEM, "timeout": 1})
    world.clock.seconds += 59
    assert world.events()["events"][0]["status"] == "OPEN"
    world.clock.seconds += 1
    [event] = world.events()["events"]
    assert (event["status"], event["endTime"]) == ("CLOSED", NOW + MINUTE_MS)


def test_a_refreshed_problem_is_one_event_that_ends_later(world: Kept) -> None:
    world.ingest(PROBLEM)
    world.clock.seconds += 600
    world.ingest(PROBLEM)
    world.clock.seconds += 600
    [event] = world.events()["events"]
    assert (event["startTime"], event["status"]) == (NOW, "OPEN")


def test_one_event_is_found_by_its_id_and_by_no_other(world: Kept) -> None:
    world.ingest(INFO)
    [event] = world.events()["events"]
    assert world.event(event["eventId"]) == event
    for other in (f"1_{NOW}", f"{event['eventId']}1", f"{2**63}_1", "x"):
        with pytest.raises(NotFound):
            world.event(other)


@pytest.mark.parametrize(
    ("from_", "to", "found"),
    [
        (None, None, ["now"]),
        ("now-3h", None, ["now", "old"]),
        ("now-3h", "now-1h", ["old"]),
        (str(NOW - 150 * MINUTE_MS + 15 * MINUTE_MS), "now-1h", ["old"]),
        (str(NOW - 150 * MINUTE_MS + 15 * MINUTE_MS + 1), "now-1h", []),
        ("2025-11-25T07:00:00+00:00", "2025-11-25T08:00:00Z", ["old"]),
        ("2025-11-25T08:00:00 01:00", "2025-11-25T08:00:00", ["old"]),
        ("now+1h", "now", None),
        ("yesterday", None, None),
        ("now", "now-1h", None),
    ],
)
def test_events_are_listed_that_were_open_in_the_time_frame(
    world: Kept, from_: str, to: str, found: list[str] | None
) -> None:
    world.ingest({**INFO, "title": "old", "startTime": NOW - 150 * MINUTE_MS})
    world.ingest({**INFO, "title": "now"})
    if found is None:
        with pytest.raises(Invalid):
            world.events(from_=from_, to=to)
    else:
        assert titles(world.events(from_=from_, to=to)) == found


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


def pages(first: dict[str, Any], more: Callable[[str], dict[str, Any]]) -> list[dict[str, Any]]:
    found = [first]
    while key := found[-1].get("nextPageKey"):
        found.append(more(key))
    return found


def test_pages_of_events_have_every_event_once_the_latest_first(world: Kept) -> None:
    for minute in range(5):
        # Two at the same time, which only their numbers tell apart.
        for title in (f"{minute} a", f"{minute} b"):
            world.ingest({**INFO, "title": title, "startTime": NOW - minute * MINUTE_MS})
    whole = world.events()
    found = pages(
        world.events(page_size=3, event_selector="eventType(CUSTOM_INFO)"),
        lambda key: world.events(next_page_key=key),
    )
    assert [len(page["events"]) for page in found] == [3, 3, 3, 1]
    assert {page["totalCount"] for page in found} == {10}
    assert [event for page in found for event in page["events"]] == whole["events"]
    assert [title[0] for title in titles(whole)] == list("0011223344")


def test_a_key_stands_alone_and_can_t_be_changed(world: Kept) -> None:
    for title in "ab":
        world.ingest({**INFO, "title": title})
    key = world.events(page_size=1)["nextPageKey"]
    with pytest.raises(Invalid, match="must be left out"):
        world.events(next_page_key=key, page_size=1)
    changed = key[:-3] + ("A" if key[-3] != "A" else "B") + key[-2:]
    for bad in (changed, key[1:], key + key, "", "A", "ä"):
        with pytest.raises(Invalid, match="must be the nextPageKey of another page"):
            world.events(next_page_key=bad)
    with pytest.raises(Invalid, match="must be the nextPageKey of another page"):
        world.entities(next_page_key=key)


def test_entities_are_listed_with_the_fields_that_are_asked_for(world: Kept) -> None:
    page = world.entities(entity_selector="type(HOST)")
    host = {"entityId": HOST.id, "type": "HOST", "displayName": "Web 1"}
    assert page == {"totalCount": 1, "pageSize": 50, "entities": [host]}
    fields = " lastSeenTms,+properties.osType,firstSeenTms,+managementZones"
    [found] = world.entities(entity_selector="type(HOST)", fields=fields)["entities"]
    assert found == {
        **host,
        "lastSeenTms": NOW,
        "firstSeenTms": NOW - HOUR_MS,
        "properties": {"osType": "LINUX"},
        "managementZones": [{"id": "7", "name": "Shop"}],
    }


def test_one_entity_has_all_its_fields(world: Kept) -> None:
    host = world.entity(HOST.id)
    assert host["properties"] == {"osType": "LINUX", "ipAddress": ["10.0.0.1", "10.0.0.2"]}
    assert host["fromRelationships"] == {"isInstanceOf": [{"id": GROUP.id, "type": "HOST_GROUP"}]}
    assert host["toRelationships"] == {}
    assert {tag["key"] for tag in host["tags"]} == {"stage", "a:b", "plain"}
    group = world.entity(GROUP.id)
    assert group["toRelationships"] == {"isInstanceOf": [{"id": HOST.id, "type": "HOST"}]}
    assert group["lastSeenTms"] == NOW
    assert set(world.entity(HOST.id, "tags")) == {"entityId", "type", "displayName", "tags"}
    with pytest.raises(NotFound):
        world.entity("HOST-FFFFFFFFFFFFFFFF")


def test_entities_are_listed_that_were_seen_in_the_time_frame(kept: Kept) -> None:
    day = 24 * HOUR_MS
    for number, seen in enumerate([0, 1, 2, 3, 4]):
        kept.add(
            Entity(
                f"HOST-{number}",
                "HOST",
                "",
                first_seen_ms=NOW - seen * day,
                last_seen_ms=NOW - seen * day,
            )
        )
    assert ids(kept.entities(entity_selector="type(HOST)")) == [f"HOST-{n}" for n in range(4)]
    recent = kept.entities(entity_selector="type(HOST)", from_="now-1d")
    assert ids(recent) == ["HOST-0", "HOST-1"]
    past = kept.entities(entity_selector="type(HOST)", from_="now-9d", to="now-2d")
    assert ids(past) == ["HOST-2", "HOST-3", "HOST-4"]
    assert ids(kept.entities(entity_selector="entityId(HOST-4)")) == ["HOST-4"]


@pytest.mark.parametrize("sort", [None, "name", "+name", " name", "-name"])
def test_pages_of_entities_have_every_entity_once_in_order(kept: Kept, sort: str | None) -> None:
    names = ["b", "A", "a", "C", "ä", "b"]
    kept.add(*(Entity(f"HOST-{n}", "HOST", name) for n, name in enumerate(names)))
    found = pages(
        kept.entities(entity_selector="type(HOST)", sort=sort, page_size=4),
        lambda key: kept.entities(next_page_key=key),
    )
    order = [int(id_.partition("-")[2]) for page in found for id_ in ids(page)]
    expected = [0, 1, 2, 3, 4, 5] if sort is None else [1, 2, 0, 5, 3, 4]
    assert order == (expected[::-1] if sort == "-name" else expected)
    assert {page["totalCount"] for page in found} == {6}


def test_entities_are_listed_by_a_selector_alone(kept: Kept) -> None:
    with pytest.raises(Invalid) as refused:
        kept.entities()
    [violation] = refused.value.violations
    assert (violation.name, violation.keyword) == ("entitySelector", "required")


def test_types_of_entities_are_what_entities_there_are(world: Kept) -> None:
    found = pages(world.entity_types(2), lambda key: world.entity_types(None, key))
    types = [type_["type"] for page in found for type_ in page["types"]]
    assert types == ["ENVIRONMENT", "HOST", "HOST_GROUP"]
    host = world.entity_type("host")
    assert host["displayName"] == "Host"
    assert [property_["id"] for property_ in host["properties"]] == ["ipAddress", "osType"]
    assert host["fromRelationships"] == [{"id": "isInstanceOf", "toTypes": ["HOST_GROUP"]}]
    group = world.entity_type("HOST_GROUP")
    assert group["toRelationships"] == [{"id": "isInstanceOf", "fromTypes": ["HOST"]}]
    with pytest.raises(NotFound):
        world.entity_type("SERVICE")
