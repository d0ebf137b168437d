"""Credentials are masked in the journal."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests

from tallystick.mock.client import Tallystick
from tallystick.mock.masking import Masking

SECRET = "abcdefjhij1234567890"


def test_credentials_are_masked_wherever_they_are(mock: Tallystick) -> None:
    secret = "dt0c01.abc123.abcdefjhij1234567890"
    grant = {"grant_type": "client_credentials", "client_id": "dev-client"}
    requests.post(f"{mock.url}/auth/token", json={**grant, "client_secret": secret}, timeout=10)
    requests.post(f"{mock.url}/auth/token", data=f"{{client_secret: '{secret}'", timeout=10)
    requests.post(
        f"{mock.url}/api/v2/events/ingest?api-token={secret}",
        json={},
        headers={"Authorization": f"Api-Token {secret}", "Cookie": secret},
        timeout=10,
    )

    assert secret not in str([request.content for request in mock.requests])
    assert len(mock.requests) == 3


def test_a_token_that_was_answered_is_masked(mock: Tallystick) -> None:
    grant = {"grant_type": "client_credentials", "client_id": "dev-client"}
    answer = requests.post(
        f"{mock.url}/auth/token", json={**grant, "client_secret": "dev-secret"}, timeout=10
    )

    assert answer.json()["content"]["jwt_token"] not in str(mock.requests[0].content)


@pytest.mark.parametrize(
    "identity",
    [
        {"methods": ["hw_ak_sk"], "hw_ak_sk": {"access": {"key": "AK"}, "secret": {"key": SECRET}}},
        {"methods": ["password"], "password": {"user": {"name": "AK", "password": SECRET}}},
    ],
)
def test_an_identity_is_shown_without_its_secret(identity: dict[str, Any]) -> None:
    masking = Masking([])
    body = {"auth": {"identity": identity}}
    assert SECRET not in str(masking.json(body))
    assert SECRET not in masking.text(json.dumps(body))
    assert SECRET not in masking.text(json.dumps(body)[:-1])
    assert "hw_ak_sk" in str(masking.json({"methods": ["hw_ak_sk"]}))
