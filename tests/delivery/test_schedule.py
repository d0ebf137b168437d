from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from tallystick.delivery.schedule import SCHEDULE_MS, next_attempt_at, retry_after_ms

NOW = 1_764_064_800_000
DAY_MS = 24 * 60 * 60 * 1000


def wait(
    tries: int, *, status: int | None = 500, retry_after: str | None = None, random: float = 0.5
) -> int | None:
    at = next_attempt_at(tries, NOW, status=status, retry_after=retry_after, random=lambda: random)
    return at if at is None else at - NOW


def test_there_are_ten_attempts() -> None:
    assert [wait(n) for n in range(1, 10)] == list(SCHEDULE_MS[1:])
    assert wait(10) is None


@pytest.mark.parametrize(("random", "part"), [(0.0, 0.8), (0.5, 1.0), (1.0, 1.2)])
def test_a_wait_is_a_fifth_shorter_or_longer(random: float, part: float) -> None:
    assert wait(3, random=random) == pytest.approx(SCHEDULE_MS[3] * part)


@pytest.mark.parametrize("status", [429, 502, 504])
def test_an_endpoint_under_load_is_left_alone_for_a_minute(status: int) -> None:
    assert wait(1, status=status) == 60_000
    assert wait(2, status=status) == SCHEDULE_MS[2]


def test_retry_after_only_makes_a_wait_longer() -> None:
    assert wait(1, retry_after="120") == 120_000
    assert wait(2, retry_after="1") == SCHEDULE_MS[2]


def test_retry_after_is_obeyed_for_a_day() -> None:
    assert wait(1, retry_after="86400") == wait(1, retry_after="9" * 5000) == DAY_MS


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.fromtimestamp(NOW / 1000 + 90, UTC), usegmt=True)
    assert wait(1, retry_after=date) == 90_000


@pytest.mark.usefixtures("elsewhere")
def test_a_date_without_a_zone_is_utc_as_http_has_it() -> None:
    date = datetime.fromtimestamp(NOW / 1000 + 90, UTC).ctime()
    assert wait(1, retry_after=date) == 90_000


@pytest.mark.parametrize(
    "text", ["", "soon", "-5", "1.5", "²", "Fri, 99 Foo 2026 00:00:00 GMT", "0", "\x00"]
)
def test_what_is_no_retry_after_asks_for_nothing(text: str) -> None:
    assert retry_after_ms(text, NOW) == 0
