"""What a status and a row of failures mean."""

from __future__ import annotations

import pytest

from tallystick.delivery.delivery import AttemptOutcome
from tallystick.delivery.leases import EndpointHealth
from tallystick.delivery.outcomes import PATIENCE_MS, health_after, outcome_of, tells_of_endpoint

NOW = 1_769_847_330_000


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "delivered"), (204, "delivered"), (299, "delivered"), (301, "redirected"),
        (400, "rejected"), (410, "gone"), (429, "throttled"), (500, "server_error"),
        (599, "server_error"), (100, "server_error"),
    ],
)  # fmt: skip
def test_a_status_is_of_one_class(status: int, outcome: str) -> None:
    assert outcome_of(status).value == outcome


def test_only_what_the_endpoint_said_tells_of_it() -> None:
    assert tells_of_endpoint(AttemptOutcome.DELIVERED) is True
    assert tells_of_endpoint(AttemptOutcome.REJECTED) is True
    assert tells_of_endpoint(AttemptOutcome.SERVER_ERROR) is False
    assert tells_of_endpoint(AttemptOutcome.FORBIDDEN) is None
    assert tells_of_endpoint(AttemptOutcome.LOCAL) is None


def test_a_target_fails_since_its_first_failure_and_is_well_after_a_success() -> None:
    first = health_after(None, AttemptOutcome.SERVER_ERROR, NOW)
    assert first == EndpointHealth(NOW, None, "")
    assert health_after(first, AttemptOutcome.SERVER_ERROR, NOW + 1_000) == first
    assert health_after(first, AttemptOutcome.DELIVERED, NOW + 2_000) is None


def test_a_target_is_turned_off_after_five_days_of_failures_or_a_410() -> None:
    failing = EndpointHealth(NOW, None, "")
    off = health_after(failing, AttemptOutcome.SERVER_ERROR, NOW + PATIENCE_MS)
    assert off == EndpointHealth(NOW, NOW + PATIENCE_MS, "failures alone for five days")
    gone = health_after(None, AttemptOutcome.GONE, NOW)
    assert gone == EndpointHealth(NOW, NOW, "it answered 410 Gone")


def test_a_local_reason_says_nothing_of_a_target() -> None:
    assert health_after(None, AttemptOutcome.FORBIDDEN, NOW) is None
