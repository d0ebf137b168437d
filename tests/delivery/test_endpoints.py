"""An endpoint that fails is left alone, for longer each time."""

from __future__ import annotations

import pytest

from tallystick.delivery.endpoints import FAILURES, FIRST_REST_MS, LONGEST_REST_MS, Endpoints

PLACES = 8


@pytest.fixture
def endpoints() -> Endpoints:
    return Endpoints(PLACES)


def fail(endpoints: Endpoints, times: int, now_ms: int = 0) -> None:
    for _ in range(times):
        endpoints.begin_request("one")
        endpoints.end_request("one", now_ms, is_up=False)


def test_requests_under_way_are_counted(endpoints: Endpoints) -> None:
    for name in ("one", "one", "other"):
        endpoints.begin_request(name)
    assert endpoints.busy(0) == [("one", 2), ("other", 1)]
    assert endpoints.under_way == 3


def test_an_endpoint_that_is_well_and_idle_is_forgotten(endpoints: Endpoints) -> None:
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, is_up=True)
    assert endpoints.busy(0) == []


def test_after_some_failures_it_rests_and_then_has_one_request(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES - 1)
    assert endpoints.busy(0) == [("one", 0)]
    fail(endpoints, 1)
    assert endpoints.busy(FIRST_REST_MS - 1) == [("one", PLACES)]
    assert endpoints.busy(FIRST_REST_MS) == [("one", PLACES - 1)]
    endpoints.begin_request("one")
    assert endpoints.busy(FIRST_REST_MS) == [("one", PLACES)]


def test_each_rest_is_twice_as_long_up_to_the_longest(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES)
    fail(endpoints, 1, FIRST_REST_MS)
    assert endpoints.busy(3 * FIRST_REST_MS - 1) == [("one", PLACES)]
    assert endpoints.busy(3 * FIRST_REST_MS) == [("one", PLACES - 1)]
    now = 0
    for _ in range(20):
        now += LONGEST_REST_MS
        fail(endpoints, 1, now)
    assert endpoints.busy(now + LONGEST_REST_MS) == [("one", PLACES - 1)]


def test_a_success_ends_the_rest(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES)
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, is_up=True)
    assert endpoints.busy(0) == []


def test_a_request_that_says_nothing_changes_nothing(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES - 1)
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, is_up=None)
    assert endpoints.busy(0) == [("one", 0)]
