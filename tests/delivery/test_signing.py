from __future__ import annotations

import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tallystick.delivery.signing import new_secret, signature_headers

ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21_gateway_1"
BODY = '{"name":"Ünï"}'.encode()


def headers(*secrets: str) -> dict[str, str]:
    return dict(signature_headers(ID, time.time_ns() // 1_000_000, BODY, secrets))


def test_whoever_knows_the_secret_can_check_the_request() -> None:
    secret = new_secret()
    Webhook(secret).verify(BODY, headers(secret))


def test_during_a_rotation_both_secrets_do() -> None:
    old, new = new_secret(), new_secret()
    for secret in (old, new):
        Webhook(secret).verify(BODY, headers(new, old))


def test_another_secret_or_another_body_does_not() -> None:
    secret = new_secret()
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(BODY, headers(secret))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers(secret))


def test_the_id_is_the_delivery_s() -> None:
    assert headers(new_secret())["webhook-id"] == ID
