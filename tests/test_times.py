from __future__ import annotations

import re

import pytest

from tallystick.contract.document import read_documents
from tallystick.times import format_ms, format_utc, parse_iso, parse_time

GATEWAY = next(d for d in read_documents() if d.api == "gateway")
PATTERN = re.compile(GATEWAY.content["components"]["schemas"]["GatewayTime"]["pattern"])

EIGHT_IN_THE_MORNING = 1769846400000


@pytest.mark.parametrize(
    "text",
    [
        "1769846400000",
        "2026-01-31T08:00:00Z",
        "2026-01-31t08:00:00z",
        "2026-01-31T08:00:00.000Z",
        "2026-01-31T08:00:00.000000999Z",
        "2026-01-31T09:00:00+01:00",
        "2026-01-31T09:00:00 01:00",
        "2026-01-31T03:30:00-04:30",
        "2026-01-31T08:00:00",
        "2026-01-31 08:00",
    ],
)
def test_a_time_may_be_written_in_many_ways(text: str) -> None:
    assert PATTERN.fullmatch(text)
    assert parse_time(text) == EIGHT_IN_THE_MORNING


def test_a_day_alone_is_its_beginning_in_utc() -> None:
    assert parse_time("2026-01-31") == EIGHT_IN_THE_MORNING - 8 * 3_600_000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "-1",
        "1e9",
        "2026-01-31T25:00:00Z",
        "2026-01-31T08:00:60Z",
        "2026-01-31T08",
        "2026-1-31",
        "2026-13-01",
        "2026-01-32",
        "2026-02-30",
        "2026-04-31",
        "2025-02-29",
        "2100-01-01",
        "1969-12-31",
        "2026-01-31T08:00:00Z\n",
        "2026-W05-6",
    ],
)
def test_what_is_no_time_is_refused_by_the_contract(text: str) -> None:
    assert not PATTERN.fullmatch(text)


@pytest.mark.parametrize("year", range(1970, 2100))
def test_the_contract_knows_the_calendar(year: int) -> None:
    is_leap = year % 4 == 0
    for month in range(1, 13):
        for day in range(28, 33):
            text = f"{year}-{month:02}-{day:02}"
            last = 29 if is_leap and month == 2 else 28 if month == 2 else 30 + (month in _LONG)
            assert bool(PATTERN.fullmatch(text)) == (day <= last), text
            if day <= last:
                parse_time(text)


_LONG = {1, 3, 5, 7, 8, 10, 12}


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01"])
def test_an_offset_leads_to_no_time_that_can_not_be_shown(text: str) -> None:
    with pytest.raises(ValueError, match="outside of the years 1 to 9999"):
        parse_iso(text)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999Z", "0001-01-01T00:00:00.000Z"])
def test_the_first_and_the_last_time_are_read_and_shown(text: str) -> None:
    assert format_ms(parse_iso(text)) == text


def test_only_rfc_3339_has_small_letters() -> None:
    with pytest.raises(ValueError, match="Invalid isoformat"):
        parse_iso("2026-01-31T08:00:00z")


def test_eventgrid_shows_whole_seconds() -> None:
    assert format_utc(EIGHT_IN_THE_MORNING + 999) == "2026-01-31T08:00:00Z"


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (EIGHT_IN_THE_MORNING, "2026-01-31T08:00:00.000Z"),
        (EIGHT_IN_THE_MORNING + 7, "2026-01-31T08:00:00.007Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-59_011_459_200_000, "0100-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_shown_to_the_millisecond(ms: int, text: str) -> None:
    assert format_ms(ms) == text
    assert parse_time(text) == ms
