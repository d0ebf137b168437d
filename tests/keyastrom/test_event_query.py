"""Events are shown, and listed by the time in which they were open."""

from __future__ import annotations

import pytest

from keyastrom_world import HOST, INFO, NOW, ON_HOST, PROBLEM, Kept, titles
from tallystick.apis.keyastrom.ingest import MINUTE_MS
from tallystick.contract.exceptions import Invalid, NotFound


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
