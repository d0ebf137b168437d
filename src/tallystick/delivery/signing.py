"""Signatures of requests by the Standard Webhooks specification."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from datetime import UTC, datetime

from standardwebhooks import Webhook

from tallystick import randomness

_SECRET_BYTES = 32


def new_secret() -> str:
    """Return a new signing secret, such as ``whsec_…``."""
    return "whsec_" + b64encode(randomness.token_bytes(_SECRET_BYTES)).decode()


def signature_headers(
    id_: str, now_ms: int, body: bytes, signing_secrets: Sequence[str]
) -> list[tuple[str, str]]:
    """Return the signature headers, for receivers with any of the secrets."""
    time = datetime.fromtimestamp(now_ms // 1000, UTC)
    # The library signs text, and JSON is UTF-8 throughout.
    text = body.decode()
    signatures = [Webhook(secret).sign(id_, time, text) for secret in signing_secrets]
    return [
        ("webhook-id", id_),
        ("webhook-timestamp", str(now_ms // 1000)),
        ("webhook-signature", " ".join(signatures)),
    ]
