"""A schedule is due when a naive reading of cron, minute by minute, says so."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tallystick.apis.charon.schedule import (
    BadSchedule,
    Interval,
    Schedule,
    UnknownTimezone,
    read_interval,
    refuse_unusable,
)

MINUTE = timedelta(minutes=1)
TWO_DAYS = 2 * 24 * 60

CHANGES = [
    ("Europe/Paris", "2026-03-29T01:00"),
    ("Europe/Paris", "2026-10-25T01:00"),
    ("America/New_York", "2026-03-08T07:00"),
    ("America/New_York", "2026-11-01T06:00"),
    ("America/Santiago", "2026-04-05T03:00"),
    ("Asia/Beirut", "2026-03-28T22:00"),
    ("Africa/Casablanca", "2026-02-15T02:00"),
    ("UTC", "2026-02-28T12:00"),
]
"""Time zones, and a time in UTC at which their clocks change (but UTC's)."""


def ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    step = st.sampled_from([2, 3, 5, 7, 15, 20])
    return st.one_of(
        st.just("*"),
        number.map(str),
        st.lists(number, min_size=1, max_size=3, unique=True).map(
            lambda some: ",".join(map(str, some))
        ),
        st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}"),
        step.map("*/{}".format),
    )


def values(text: str, low: int, high: int) -> set[int]:
    if text.startswith("*"):
        return set(range(low, high + 1, int(text[2:] or 1)))
    if "-" in text:
        first, last = text.split("-")
        return set(range(int(first), int(last) + 1))
    return {int(number) for number in text.split(",")}


def naive_next(schedule: Schedule, after: datetime) -> int | None:
    """By trying every minute of two days."""
    minute, hour = schedule.expression.split()[:2]
    minutes, hours = values(minute, 0, 59), values(hour, 0, 23)
    zone = ZoneInfo(schedule.timezone)
    if minute.startswith("*") or hour.startswith("*"):
        times = _by_the_clock(after, zone)
        return next((ms(t) for t in times if t.minute in minutes and t.hour in hours), None)
    local = after.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0, fold=0)
    walls = (local + n * MINUTE for n in range(-180, TWO_DAYS))
    wanted = (wall for wall in walls if wall.minute in minutes and wall.hour in hours)
    found = {ms(_real(wall.replace(tzinfo=zone))) for wall in wanted}
    return min((time for time in found if time > ms(after)), default=None)


def _by_the_clock(after: datetime, zone: ZoneInfo) -> list[datetime]:
    start = after.replace(second=0, microsecond=0)
    return [(start + n * MINUTE).astimezone(zone) for n in range(1, TWO_DAYS)]


def _real(wall: datetime) -> datetime:
    """The first time from there on that the clock shows."""
    while wall.astimezone(UTC).astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(
        tzinfo=None
    ):
        wall += MINUTE
    return wall.astimezone(UTC)


@settings(max_examples=150)
@given(
    field(0, 59),
    st.one_of(field(0, 4), field(0, 23)),
    st.sampled_from(CHANGES),
    st.integers(-6 * 3600 * 1000, 6 * 3600 * 1000),
)
@example("30", "1", ("America/New_York", "2026-11-01T06:00"), -20 * 60 * 1000)
@example("30", "2", ("Europe/Paris", "2026-03-29T01:00"), -60 * 1000)
def test_it_is_due_when_the_naive_reading_says_so(
    minute: str, hour: str, change: tuple[str, str], offset: int
) -> None:
    zone, at = change
    after = utc(at) + timedelta(milliseconds=offset)
    schedule = Schedule(f"{minute} {hour} * * *", zone)

    assert schedule.next_after(ms(after)) == naive_next(schedule, after)


def due(expression: str, zone: str, after: str, count: int = 3) -> list[str]:
    time, found = ms(utc(after)), []
    schedule = Schedule(expression, zone)
    for _ in range(count):
        next_ms = schedule.next_after(time)
        assert next_ms is not None
        time = next_ms
        found.append(datetime.fromtimestamp(time / 1000, ZoneInfo(zone)).isoformat())
    return found


@pytest.mark.reliability("Clock steps and summer time")
def test_a_run_in_the_hour_that_is_skipped_is_due_once_when_the_gap_ends() -> None:
    assert due("30 2 * * *", "Europe/Paris", "2026-03-28T12:00", 2) == [
        "2026-03-29T03:00:00+02:00",
        "2026-03-30T02:30:00+02:00",
    ]


@pytest.mark.reliability("Clock steps and summer time")
def test_a_run_in_the_hour_that_comes_twice_is_due_once() -> None:
    assert due("30 2 * * *", "Europe/Paris", "2026-10-24T12:00", 2) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-26T02:30:00+01:00",
    ]


def test_a_run_every_half_hour_is_due_in_both_hours() -> None:
    assert due("*/30 * * * *", "Europe/Paris", "2026-10-25T00:00", 4) == [
        "2026-10-25T02:30:00+02:00",
        "2026-10-25T02:00:00+01:00",
        "2026-10-25T02:30:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]


def test_a_leap_day_is_waited_for() -> None:
    assert due("0 0 29 2 *", "UTC", "2026-01-01T00:00", 1) == ["2028-02-29T00:00:00+00:00"]


def test_from_the_very_millisecond_it_is_due_the_next_time_counts() -> None:
    schedule = Schedule("0 * * * *", "UTC")
    at = ms(utc("2026-01-01T05:00"))

    assert schedule.next_after(at - 1) == at
    assert schedule.next_after(at) == at + 3_600_000


@pytest.mark.parametrize(
    "expression",
    "|* * * *|* * * * * *|60 * * * *|* 24 * * *|* * 0 * *|a * * * *|0 0 31 2 *|*/0 * * * *"
    "|5-1 * * * *|@reboot|@often|@DAILY|² * * * *|0 0 * * *\n|\n\n".split("|"),
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(BadSchedule):
        refuse_unusable(expression, "UTC", 0)


@given(st.text(max_size=20) | st.text("0123456789*/,-#L ", max_size=20))
def test_no_text_breaks_the_reading(expression: str) -> None:
    with suppress(BadSchedule):
        refuse_unusable(expression, "Europe/Paris", 0)


@pytest.mark.parametrize(
    "timezone",
    ["localtime", "Factory", "", "Mars", "Europe", "../UTC", "europe/paris", "/etc/passwd"],
)
def test_what_is_no_time_zone_is_refused(timezone: str) -> None:
    with pytest.raises(UnknownTimezone):
        refuse_unusable(None, timezone, 0)


@pytest.mark.parametrize(
    ("nickname", "expression"),
    [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
    ],
)
def test_a_nickname_is_due_as_its_expression(nickname: str, expression: str) -> None:
    refuse_unusable(nickname, "UTC", 0)
    after = "2026-03-28T12:00"
    assert due(nickname, "Europe/Paris", after) == due(expression, "Europe/Paris", after)


def test_of_several_lines_each_is_due() -> None:
    weekdays_and_sunday = "0 2 * * 1-5\n30 6 * * 7"
    refuse_unusable(weekdays_and_sunday, "UTC", 0)
    assert due(weekdays_and_sunday, "UTC", "2026-01-02T00:00") == [
        "2026-01-02T02:00:00+00:00",
        "2026-01-04T06:30:00+00:00",
        "2026-01-05T02:00:00+00:00",
    ]


def test_a_schedule_has_ten_lines_at_most() -> None:
    refuse_unusable("\n".join(["@daily"] * 10), "UTC", 0)
    with pytest.raises(BadSchedule):
        refuse_unusable("\n".join(["@daily"] * 11), "UTC", 0)


def test_a_start_is_early_within_a_tenth_of_the_interval_before() -> None:
    schedule = Schedule("0,1 * * * *", "UTC")
    at = ms(utc("2026-01-01T05:00"))
    assert schedule.is_early(at - 354_000, at, None)  # 59 minutes lie before it
    assert not schedule.is_early(at - 355_000, at, None)
    assert not schedule.is_early(at, at + 60_000, None)
    assert schedule.is_early(at + 50_000, at + 60_000, None)


@pytest.mark.parametrize(
    ("text", "every_ms"),
    [("90s", 90_000), ("15m", 900_000), ("1h", 3_600_000), ("99999d", 8_639_913_600_000)],
)
def test_an_interval_is_a_number_and_a_unit(text: str, every_ms: int) -> None:
    assert read_interval(text) == Interval(every_ms)


def test_the_next_times_are_in_the_schedules_zone() -> None:
    schedule = Schedule("30 2 * * *\n0 12 1 4 *", "Europe/Paris")
    times = schedule.next_times(ms(utc("2026-03-28T12:00")), 3)
    # 02:30 is skipped on the 29th, when the clocks go from 02:00 to 03:00.
    expected = ["2026-03-29T01:00", "2026-03-30T00:30", "2026-03-31T00:30"]
    assert times == [ms(utc(text)) for text in expected]


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 3 * * *", "at 03:00 every day"),
        ("@daily", "at 00:00 every day"),
        ("* * * * *", "every minute"),
        ("0 3 * * *\n30 4 * * 7", "at 03:00 every day, and at 04:30 on Sunday"),
    ],
)
def test_a_schedule_is_told_in_words(expression: str, words: str) -> None:
    assert Schedule(expression, "UTC").describe() == words


@settings(max_examples=150)
@given(st.tuples(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7)))
def test_each_usable_schedule_has_words(fields: tuple[str, ...]) -> None:
    expression = " ".join(fields)
    with suppress(BadSchedule):
        refuse_unusable(expression, "UTC", 0)
        assert Schedule(expression, "UTC").describe()
