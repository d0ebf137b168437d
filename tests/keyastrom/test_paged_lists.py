"""Pages follow each other by a key that stands for the whole query."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from keyastrom_world import INFO, NOW, PROBLEM, Kept, ids, pages, titles
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.event_query import EventQuery
from tallystick.apis.keyastrom.ingest import HOUR_MS, MINUTE_MS
from tallystick.apis.keyastrom.paging import PageKeys, create_page_secret
from tallystick.contract.exceptions import Invalid

EVENTS = asdict(EventQuery(NOW - HOUR_MS, NOW, None, None, 1, HOUR_MS))


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


@pytest.mark.parametrize(
    "change",
    [
        {"query": {}},
        {"query": {**EVENTS, "event_selector": "noSuch(1)"}},
        {"query": {**EVENTS, "entity_selector": "type("}},
        {"query": {**EVENTS, "page_size": "1"}},
        {"query": {**EVENTS, "page_size": None}},
        {"query": {**EVENTS, "once_known": 1}},
        {"query": {name: value for name, value in EVENTS.items() if name != "from_ms"}},
        {"query": []},
        {"total": None},
        {"after": None},
        {"after": []},
        {"after": [NOW]},
        {"after": [NOW, "1"]},
        {"after": [NOW, 1, 1]},
        {"once_known": 1},
    ],
)
def test_a_key_of_an_earlier_version_is_refused(world: Kept, change: dict[str, Any]) -> None:
    keys = PageKeys(world.write(create_page_secret))
    said = {"query": EVENTS, "total": 1, "after": [NOW, 1]}
    assert world.events(next_page_key=keys.key("events", said))["events"] == []
    with pytest.raises(Invalid, match="must be the nextPageKey of another page"):
        world.events(next_page_key=keys.key("events", said | change))


def test_a_key_of_problems_ends_as_they_are_sorted(world: Kept) -> None:
    for title in "ab":
        world.ingest({**PROBLEM, "title": title})
    keys = PageKeys(world.write(create_page_secret))
    key = world.problems(page_size=1, sort="status")["nextPageKey"]
    said = keys.content("problems", key)
    assert len(world.problems(next_page_key=keys.key("problems", said))["problems"]) == 1
    for change in ({"after": said["after"][1:]}, {"query": said["query"] | {"sort": ""}}):
        with pytest.raises(Invalid, match="must be the nextPageKey of another page"):
            world.problems(next_page_key=keys.key("problems", said | change))


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
