"""What is kept of an attempt for people to read: JSON without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from tallystick.delivery.adapter import EndpointResponse, OutgoingRequest
from tallystick.secret_names import MASK, is_secret_name, mask_url
from tallystick.storable_text import replace_unstorable

BODY_LIMIT = 20 * 1024
HEADERS_LIMIT = 20 * 1024
"""Characters of headers that are kept; what comes after so many is counted."""


def to_record(
    outgoing: OutgoingRequest | None,
    headers: Sequence[tuple[str, str]],
    answer: EndpointResponse | str,
) -> str:
    """The request as it went out and the response, or the error, as JSON."""
    masked = outgoing.masked if outgoing else ()
    content: dict[str, Any] = {}
    if outgoing:
        content["request"] = {
            "method": outgoing.method,
            "url": replace_unstorable(mask_url(outgoing.url)),
            "headers": _without_secrets(headers),
            "body": _text(outgoing.body),
        }
    if isinstance(answer, EndpointResponse):
        content["response"] = {
            "status": answer.status,
            "headers": _without_secrets(answer.headers),
            "body": _text(answer.body),
            "truncated": answer.truncated,
        }
    else:
        content["error"] = replace_unstorable(answer)
    return orjson.dumps(_masked(content, masked) if masked else content).decode()


def mask_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _without_secrets(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    size = dropped = 0
    for name, value in headers:
        size += len(name) + len(value)
        if size > HEADERS_LIMIT:
            dropped += 1
        else:
            shown = MASK if is_secret_name(name) else replace_unstorable(value)
            kept.append((replace_unstorable(name), shown))
    return [*kept, ("…", f"{dropped} more")] if dropped else kept


def _text(body: bytes) -> str:
    return body[:BODY_LIMIT].decode(errors="replace")


def _masked(content: Any, secrets: Sequence[str]) -> Any:
    if isinstance(content, str):
        return mask_secrets(content, secrets)
    if isinstance(content, dict):
        return {key: _masked(value, secrets) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_masked(item, secrets) for item in content]
    return content
