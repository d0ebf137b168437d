"""Settings are read from the environment, and refused where they are unsafe."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tallystick.settings import Settings


def test_a_setting_is_read_from_the_environment_and_an_argument_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TALLYSTICK_PORT", "8081")
    monkeypatch.setenv("TALLYSTICK_CORS_ORIGINS", "http://a, ,http://b")
    assert Settings().port == 8081
    assert Settings().cors_origins == ("http://a", "http://b")
    assert Settings(port=8082).port == 8082


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"dev": True, "host": "0.0.0.0"}, "refused on 0.0.0.0"),
        ({"fault": "store"}, "need --dev"),
        ({"queue": 99}, "need --dev"),
        ({"secret_key": f"{'a' * 32},short"}, "32 characters or more"),
        ({"eventhos_jwt_key": "short"}, "at least 32"),
        ({"delivery_networks": "10.0.0.1/8"}, "delivery_networks"),
        ({"port": 65_536}, "65535"),
        ({"host": ""}, "at least 1 character"),
        ({"retention_days": 10**12}, "1000000"),
        ({"retention_count": 10**20}, "1000000000000000000"),
        ({"nothing": 1}, "not permitted"),
        ({"smtp_host": "mail.example.com"}, "needs TALLYSTICK_SMTP_FROM"),
        ({"smtp_tls": "maybe"}, "starttls"),
    ],
)
def test_a_setting_that_is_unsafe_or_unknown_is_refused(given: Any, reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        Settings(**given)


def test_what_needs_dev_is_taken_with_it() -> None:
    assert Settings(dev=True, host="::1", fault="store", queue=0).queue == 0


@pytest.mark.parametrize(
    ("given", "scheme"),
    [
        ({}, "http"),
        ({"tls_cert": "server.pem"}, "https"),
        ({"public_url": "https://tally.example"}, "https"),
        ({"public_url": "http://tally.example", "tls_cert": "server.pem"}, "http"),
    ],
)
def test_the_public_address_has_the_scheme_it_is_given_or_served_by(
    given: Any, scheme: str
) -> None:
    assert Settings(**given).public_scheme == scheme
