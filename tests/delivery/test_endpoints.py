"""An endpoint that fails is left alone, for longer each time."""

from __future__ import annotations

import pytest

from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.endpoints import (
    FAILURES,
    FIRST_REST_MS,
    LONGEST_LOCAL_REST_MS,
    LONGEST_REST_MS,
    Endpoints,
)

PLACES = 8


@pytest.fixture
def endpoints() -> Endpoints:
    return Endpoints(PLACES)


def fail(endpoints: Endpoints, times: int, now_ms: int = 0) -> None:
    for _ in range(times):
        endpoints.begin_request("one")
        endpoints.end_request("one", now_ms, AttemptOutcome.SERVER_ERROR)


def test_requests_under_way_take_places(endpoints: Endpoints) -> None:
    for name in ("one", "one", "other"):
        endpoints.begin_request(name)
    assert endpoints.places(0) == {"one": PLACES - 2, "other": PLACES - 1}
    assert endpoints.places(0)["a third"] == PLACES


def test_an_endpoint_that_is_well_and_idle_is_forgotten(endpoints: Endpoints) -> None:
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, AttemptOutcome.DELIVERED)
    assert endpoints.places(0) == {}


def test_after_some_failures_it_rests_and_then_has_one_request(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES - 1)
    assert endpoints.places(0) == {"one": PLACES}
    fail(endpoints, 1)
    assert endpoints.places(FIRST_REST_MS - 1) == {"one": 0}
    assert endpoints.places(FIRST_REST_MS) == {"one": 1}
    endpoints.begin_request("one")
    assert endpoints.places(FIRST_REST_MS) == {"one": 0}


def test_each_rest_is_twice_as_long_up_to_the_longest(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES)
    fail(endpoints, 1, FIRST_REST_MS)
    assert endpoints.places(3 * FIRST_REST_MS - 1) == {"one": 0}
    assert endpoints.places(3 * FIRST_REST_MS) == {"one": 1}
    now = 0
    for _ in range(20):
        now += LONGEST_REST_MS
        fail(endpoints, 1, now)
    assert endpoints.places(now + LONGEST_REST_MS) == {"one": 1}


def test_a_success_ends_the_rest(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES)
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, AttemptOutcome.DELIVERED)
    assert endpoints.places(0) == {}


def test_a_request_that_says_nothing_changes_nothing(endpoints: Endpoints) -> None:
    fail(endpoints, FAILURES - 1)
    endpoints.begin_request("one")
    endpoints.end_request("one", 0, AttemptOutcome.HELD)
    assert endpoints.places(0) == {"one": PLACES}


def fail_locally(endpoints: Endpoints, now_ms: int) -> None:
    endpoints.begin_request("one")
    endpoints.end_request("one", now_ms, AttemptOutcome.FORBIDDEN)


def test_one_that_this_process_can_not_send_to_rests_at_once_and_no_longer_than_a_minute(
    endpoints: Endpoints,
) -> None:
    fail_locally(endpoints, 0)
    assert endpoints.places(FIRST_REST_MS - 1) == {"one": 0}
    assert endpoints.places(FIRST_REST_MS) == {"one": 1}
    for now in range(0, 10 * LONGEST_LOCAL_REST_MS, LONGEST_LOCAL_REST_MS):
        fail_locally(endpoints, now)
        assert endpoints.places(now + LONGEST_LOCAL_REST_MS) == {"one": 1}


def test_a_failure_of_its_own_ends_the_rest_for_a_local_reason(endpoints: Endpoints) -> None:
    fail_locally(endpoints, 0)
    fail(endpoints, 1)
    assert endpoints.places(0) == {"one": PLACES}
