"""A run waits as a server asks, and not for ever."""

from __future__ import annotations

import pytest
from tallystick.contract_tests.waits import Waits


def pass_over(_seconds: float) -> None:
    """Wait in no time."""


def test_an_answer_that_asks_for_no_wait_is_the_answer() -> None:
    waits = Waits(30, sleep=pass_over)
    dates = ("Sun, 06 Nov 2033 08:49:37 GMT", "Fri, 99 Foo 2026 00:00:00 GMT", "soon")
    asks = ((200, "5"), (200, dates[0]), (429, None), (429, "-1"), (503, dates[1]), (503, dates[2]))
    for asked in asks:
        assert waits.wait(*asked) is False
    assert waits.seconds == 0


def test_a_run_waits_no_longer_than_it_may() -> None:
    slept: list[float] = []
    waits = Waits(30, sleep=slept.append)
    assert [waits.wait(429, each) for each in ("20", "11", "10", "0")] == [True, False, True, False]
    assert slept == [20, 10]
    assert waits.seconds == 30
    assert Waits(sleep=slept.append).wait(429, "9" * 5_000) is False


def test_a_call_that_is_always_refused_is_refused() -> None:
    waits = Waits(30, sleep=pass_over)
    assert [waits.wait(503, "0") for _ in range(4)] == [True, True, True, False]
    assert waits.wait(200, None) is False
    assert waits.wait(503, "1") is True


NOW_S = 784_111_777 - 7.5
"""Seven and a half seconds before the dates below, as seconds since 1970."""


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_a_wait_is_asked_for_by_a_date_in_each_form_of_http(date: str) -> None:
    slept: list[float] = []
    waits = Waits(30, sleep=slept.append, now=lambda: NOW_S)
    assert waits.wait(503, date) is True
    assert slept == [8]


def test_a_date_that_is_over_asks_for_the_least_wait_and_a_far_one_for_too_much() -> None:
    slept: list[float] = []
    waits = Waits(30, sleep=slept.append, now=lambda: NOW_S)
    assert waits.wait(429, "Sat, 05 Nov 1994 08:49:37 GMT") is True
    assert waits.wait(429, "Fri, 31 Dec 9999 23:59:59 GMT") is False
    assert slept == [1]
