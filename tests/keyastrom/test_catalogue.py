"""The types of events are listed page by page."""

from __future__ import annotations

from typing import Any

from tallystick.apis.keyastrom.catalogue import (
    EventPropertyQuery,
    EventTypeQuery,
    get_event_property,
    get_event_type,
)

NOTHING: Any = None
"""The database, which these queries do not ask."""


def test_pages_have_every_type_once_in_order() -> None:
    query, found, after = EventTypeQuery(2), [], None
    while True:
        page, after = query.page(NOTHING, 0, after)
        found += page
        assert len(page) <= 2
        if after is None:
            break
    assert found == list(EventTypeQuery.items)
    assert query.count(NOTHING, 0) == len(found)


def test_a_last_page_that_is_full_says_that_nothing_follows() -> None:
    everything = len(EventPropertyQuery.items)
    assert EventPropertyQuery(everything).page(NOTHING, 0, None)[1] is None
    assert EventPropertyQuery(everything - 1).page(NOTHING, 0, None)[1] == [everything - 1]


def test_one_is_found_by_its_name_and_by_no_other() -> None:
    for item in EventTypeQuery.items:
        assert get_event_type(item["type"]) == item
    assert get_event_type("custom_info") is None
    assert get_event_property("no.such.property") is None
