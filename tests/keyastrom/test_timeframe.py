from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.apis.keyastrom.timeframe import TimeError, parse_time


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


NOW = ms("2024-03-31T13:45:30.500")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1711892730500", NOW),
        ("0", 0),
        ("2024-03-31T13:45:30.500", NOW),
        ("2024-03-31T14:45:30.500+01:00", NOW),
        ("2024-03-31T13:45:30.500Z", NOW),
        ("now", NOW),
        ("now-2h", ms("2024-03-31T11:45:30.500")),
        ("now-30m", ms("2024-03-31T13:15:30.500")),
        ("now-1d/d", ms("2024-03-30T00:00:00")),
        ("now/h", ms("2024-03-31T13:00:00")),
        ("now/m", ms("2024-03-31T13:45:00")),
        ("now-1w/w", ms("2024-03-18T00:00:00")),
        ("now-1M", ms("2024-02-29T13:45:30.500")),
        ("now-1y/M", ms("2023-03-01T00:00:00")),
        ("now-1y/y", ms("2023-01-01T00:00:00")),
        ("now-9999y", 0),
        ("now-999999w", 0),
    ],
)
def test_a_time_is_absolute_or_back_from_now(text: str, expected: int) -> None:
    assert parse_time(text).at(NOW) == expected


@pytest.mark.parametrize("text", ["", "soon", "now+1h", "now-h", "-1", "2024-13-01", "٣", "now-1x"])
def test_anything_else_is_an_error(text: str) -> None:
    with pytest.raises(TimeError):
        parse_time(text)


@given(st.text() | st.from_regex(r"now-[0-9]{1,6}[mhdwMy](/[mhdwMy])?", fullmatch=True))
def test_any_text_is_a_time_or_a_time_error(text: str) -> None:
    try:
        time = parse_time(text)
    except TimeError:
        return
    assert isinstance(time.at(NOW), int)
