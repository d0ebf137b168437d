"""A caller prefers an answer by a header."""

from __future__ import annotations

import requests

from tallystick.mock.client import Tallystick

EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}


def _create(mock: Tallystick, **headers: str) -> requests.Response:
    return requests.post(f"{mock.url}/create", json=EVENT, headers={**KEY, **headers}, timeout=10)


def test_what_a_caller_prefers_is_said_to_be_applied(mock: Tallystick) -> None:
    answer = _create(mock, Prefer='respond-async, code="500"')

    assert answer.status_code == 500
    assert answer.headers["Preference-Applied"] == "code=500"


def test_a_preference_that_the_contract_has_not_is_refused_with_the_reason(
    mock: Tallystick,
) -> None:
    answer = _create(mock, Prefer="code=418")

    assert answer.status_code == 400
    assert answer.headers["Tallystick-Mock"] == "refused"
    assert "never answers 418" in answer.json()["detail"]


def test_of_a_preference_that_is_given_twice_the_first_counts(mock: Tallystick) -> None:
    assert _create(mock, Prefer="code=500, code=503").status_code == 500


def test_other_preferences_are_left_alone(mock: Tallystick) -> None:
    assert _create(mock, Prefer="return=minimal").status_code == 200


def test_an_answer_that_is_preferred_has_no_effect(mock: Tallystick) -> None:
    _create(mock, Prefer="code=200")

    key = {"Authorization": "Bearer dev-gateway-key"}
    listed = requests.get(f"{mock.url}/gateway/v1/events", headers=key, timeout=10)
    assert listed.json()["events"] == []
