"""A run waits as a server asks, and not for ever."""

from __future__ import annotations

from tallystick.contract_tests.waits import Waits


def pass_over(_seconds: float) -> None:
    """Wait in no time."""


def test_an_answer_that_asks_for_no_wait_is_the_answer() -> None:
    waits = Waits(30, sleep=pass_over)
    for asked in ((200, "5"), (429, None), (503, "Fri, 31 Dec 1999 23:59:59 GMT"), (429, "-1")):
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
