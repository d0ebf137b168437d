"""Events are found by words of a person."""

from __future__ import annotations

import pytest

from events.test_log import an_event, appended, ids
from manual_clock import ManualClock
from tallystick.events import CountedBy, EventLog, EventSelection, counts, pages
from tallystick.events.text_search import TextSearch


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("edf", b'{"cl":"EDF"}'),
        ("  EDF  order ", b'{"a":"edf-1","b":["the Order"]}'),
        ("STRASSE", '{"a":"Straße"}'.encode()),
        ("müller", rb'{"a":"M\u00FCller"}'),
        ("😀", rb'{"a":"\ud83d\ude00"}'),
        ("a/b", rb'{"a":"a\/b"}'),
        ("shop", rb'{"a":"\ud800 shop"}'),
        ("shop", b"\xff shop"),
        ("525060831330", b""),
    ],
)
def test_words_are_found(text: str, data: bytes) -> None:
    assert TextSearch(text).finds("525060831330", data)


@pytest.mark.parametrize("text", ["EDF ENI", "e-df", "\\u00fc"])
def test_a_missing_word_is_not_found(text: str) -> None:
    assert not TextSearch(text).finds("", rb'{"cl":"EDF","a":"\u00fc"}')


@pytest.mark.anyio
async def test_all_filters_hold_beside_the_text(log: EventLog, clock: ManualClock) -> None:
    first, second, third = await appended(
        log,
        an_event(clock.now_ms(), data=b'{"n":"one order"}'),
        an_event(clock.now_ms(), data=b'{"n":"two"}', subject="Order"),
        an_event(clock.now_ms(), data=b'{"n":"three"}', type="STOP_EC2", subject="order"),
    )
    assert await ids(log, text="ORDER") == [third.id, second.id, first.id]
    assert await ids(log, text="order", type="START_EC2") == [second.id, first.id]
    assert await ids(log, subject="Order") == [second.id]
    assert await ids(log, text="nothing") == []
    counted = await log.count_events(EventSelection(text="order"), CountedBy.TYPE)
    assert counted == ([("START_EC2", 2), ("STOP_EC2", 1)], True)


@pytest.mark.anyio
async def test_a_search_ends_early_and_the_next_page_goes_on(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "SEARCHED_ROWS", 3)
    monkeypatch.setattr(counts, "SEARCHED_ROWS", 3)
    wanted, *others = await appended(
        log,
        an_event(clock.now_ms(), data=b'"wanted"'),
        *(an_event(clock.now_ms()) for _ in range(4)),
    )
    selection = EventSelection(text="wanted")
    assert await log.list_events(selection) == ([], others[1].id)
    assert await log.list_events(selection, cursor=others[1].id) == ([wanted], None)
    assert await log.count_events(selection, CountedBy.API) == ([], False)


@pytest.mark.anyio
async def test_a_search_ends_early_at_the_bytes_of_a_page(
    log: EventLog, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGE_BYTES", 40)
    monkeypatch.setattr(counts, "SEARCHED_BYTES", 40)
    _, second, _ = await appended(
        log, *(an_event(clock.now_ms(), data=b'"0123456789abc"') for _ in range(3))
    )
    selection = EventSelection(text="wanted")
    assert await log.list_events(selection) == ([], second.id)
    assert await log.count_events(selection, CountedBy.API) == ([], False)
