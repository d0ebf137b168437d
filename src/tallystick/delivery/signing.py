"""Signatures as Standard Webhooks has them."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from tallystick import randomness

_SECRET_BYTES = 32


def new_secret() -> str:
    """A secret to sign with, such as ``whsec_…``."""
    return "whsec_" + b64encode(randomness.token_bytes(_SECRET_BYTES)).decode()


def signature_headers(
    id_: str, now_ms: int, body: bytes, signing_secrets: Sequence[str]
) -> list[tuple[str, str]]:
    """The headers that let a receiver who knows one of the secrets check the request."""
    time = datetime.fromtimestamp(now_ms // 1000, UTC)
    # The library signs text; a byte that is no UTF-8 can't be in JSON.
    text = body.decode()
    signatures = [Webhook(secret).sign(id_, time, text) for secret in signing_secrets]
    return [
        ("webhook-id", id_),
        ("webhook-timestamp", str(now_ms // 1000)),
        ("webhook-signature", " ".join(signatures)),
    ]
