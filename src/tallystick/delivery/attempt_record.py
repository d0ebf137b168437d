"""The record of an attempt for people to read: JSON text with masked secrets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

import orjson

from tallystick.delivery.adapter import EndpointResponse, OutgoingRequest
from tallystick.secret_names import MASK, is_secret_name, mask_text, mask_url
from tallystick.storable_text import replace_half_pairs, replace_unstorable

BODY_LIMIT = 20 * 1024
HEADERS_LIMIT = 20 * 1024
"""The limit in characters of recorded headers; the omitted ones are counted."""

_BEYOND = 4 * 1024
"""Bytes beyond the limit that are searched for secrets, so that one at the cut is masked too."""


def to_record(
    outgoing: OutgoingRequest | None,
    headers: Sequence[tuple[str, str]],
    answer: EndpointResponse | str,
) -> str:
    """Return the request as sent, and its response or error, as JSON text."""
    secrets = _spell_secrets(outgoing)
    content: dict[str, Any] = {}
    if outgoing:
        content["request"] = {
            "method": outgoing.method,
            "url": replace_unstorable(mask_url(_mask_values(outgoing.url, secrets))),
            "headers": _without_secrets(headers, secrets),
            "body": _without_secrets_in_body(outgoing.body, secrets),
        }
    if isinstance(answer, EndpointResponse):
        content["response"] = {
            "status": answer.status,
            "headers": _without_secrets(answer.headers, secrets),
            "body": _without_secrets_in_body(answer.body, secrets),
            "truncated": answer.truncated,
        }
    else:
        content["error"] = mask_error(answer, outgoing)
    return orjson.dumps(content).decode()


def mask_error(text: str, outgoing: OutgoingRequest | None) -> str:
    """Return an error's text with the request's secrets masked."""
    return replace_unstorable(mask_url(_mask_values(text, _spell_secrets(outgoing))))


def _spell_secrets(outgoing: OutgoingRequest | None) -> Sequence[str]:
    """Return the request's secrets in all spellings, the longest first."""
    secrets = filter(None, outgoing.masked) if outgoing else ()
    spelled = {spelling for secret in secrets for spelling in _spell(secret)}
    return sorted(spelled, key=len, reverse=True)


def _spell(secret: str) -> Iterator[str]:
    # Imported late: yarl is slow to load, and few requests have such a secret.
    from yarl import URL

    plain = replace_half_pairs(secret)
    yield from (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1])
    quoted = quote(plain, safe="")
    yield from (quoted, quote(plain), quote_plus(plain))
    # aiohttp passes each URL through yarl, which quotes it anew even if it was quoted before.
    yield URL(f"http://host/x{quoted}").raw_path.removeprefix("/x")
    yield URL(f"http://host/?{quoted}").raw_query_string
    if plain.isprintable():
        yield URL(f"http://host/?{plain.replace('#', '%23')}").raw_query_string


def _mask_values(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text


def _without_secrets(
    headers: Iterable[tuple[str, str]], secrets: Sequence[str]
) -> list[tuple[str, str]]:
    kept: list[tuple[str, str]] = []
    size = dropped = 0
    for name, value in headers:
        size += len(name) + len(value)
        if size > HEADERS_LIMIT:
            dropped += 1
        else:
            shown = MASK if is_secret_name(name) else mask_url(_mask_values(value, secrets))
            kept.append((replace_unstorable(name), replace_unstorable(shown)))
    return [*kept, ("…", f"{dropped} more")] if dropped else kept


def _without_secrets_in_body(body: bytes, secrets: Sequence[str]) -> str:
    text = body[: BODY_LIMIT + _BEYOND].decode(errors="replace")
    return mask_text(_mask_values(text, secrets))[:BODY_LIMIT]
