"""The HTTP request of an action for an event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson

from tallystick.apis import json_path
from tallystick.apis.eventhos import templates
from tallystick.apis.eventhos.actions import ActionCall
from tallystick.apis.eventhos.dialect import PAGE, Dialect, find_dialect
from tallystick.apis.eventhos.templates import Scope
from tallystick.apis.json_path import MISSING
from tallystick.contract import json_text
from tallystick.delivery import OutgoingRequest
from tallystick.events import Event
from tallystick.times import format_ms

JSON = "application/json"
STARTED = "eventhosStartDate"
"""The vendor's header with the time of the call."""

FORM = "application/x-www-form-urlencoded"

REDIRECTS = 5
"""The redirects that are followed, as the vendor's server does."""

_PAGE = find_dialect(PAGE)
_WITHOUT_BODY = frozenset({"GET", "DELETE", "HEAD", "OPTIONS"})


def build_scope(event: Event, oauth_response: Mapping[str, Any], scheme: str) -> Scope:
    """Return the values of the placeholders: the received request without its secrets.

    `scheme` is that of the server's public address.
    """
    attributes = orjson.loads(event.attributes)
    headers = received_headers(attributes)
    query = attributes.get("query", "")
    return {
        "headers": headers,
        "query": received_query(attributes),
        "body": json_text.read_json(event.data),
        "url": received_url(scheme, headers, query),
        "oauthResponse": oauth_response,
    }


def received_headers(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the received headers, with names in lower case; an imported event may have none."""
    headers: dict[str, str] = {}
    for line in attributes.get("headers", "").splitlines():
        name, _, value = line.partition(": ")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def received_query(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the received query parameters."""
    return dict(parse_qsl(attributes.get("query", ""), keep_blank_values=True))


def received_url(scheme: str, headers: Mapping[str, str], query: str) -> str:
    """Return the URL that was called."""
    url = f"{scheme}://{headers.get('host', 'localhost')}/event/send"
    return f"{url}?{query}" if query else url


def build_request(
    call: ActionCall,
    event: Event,
    scope: Scope,
    secrets: tuple[str, ...] = (),
    *,
    now_ms: int = 0,
    timeout_s: int | None = None,
    dialect: Dialect = _PAGE,
) -> OutgoingRequest:
    """Return the request of an action; raise `Unfilled`.

    `secrets` are masked in its record, and `timeout_s` is for an action without its own.
    """
    with json_path.budget():
        headers = [*_headers(call, scope), (STARTED, format_ms(now_ms))]
        return OutgoingRequest(
            method=call.method,
            url=_url(call, scope),
            headers=headers,
            body=_body(call, event, scope, dict(headers)["Content-Type"], dialect),
            signing_secrets=call.webhook_secrets,
            masked=secrets,
            timeout_s=call.timeout_s or timeout_s,
            redirects=REDIRECTS,
        )


def _url(call: ActionCall, scope: Scope) -> str:
    url = templates.fill_url(call.url, scope)
    filled = [(name, templates.fill_template(value, scope)) for name, value in call.query]
    pairs = [(name, templates.to_text(value)) for name, value in filled if value is not MISSING]
    query = urlencode(pairs, errors="replace")
    if not query:
        return url
    url, hash_, fragment = url.partition("#")
    return f"{url}{'&' if '?' in url else '?'}{query}{hash_}{fragment}"


def _headers(call: ActionCall, scope: Scope) -> list[tuple[str, str]]:
    headers = []
    for name, template in call.headers:
        value = templates.fill_template(template, scope)
        if value is not MISSING:
            headers.append((name, templates.to_text(value)))
    named = {name.lower(): value for name, value in headers}
    others = [(name, value) for name, value in headers if name.lower() != "content-type"]
    return [*others, ("Content-Type", named.get("content-type", JSON))]


def _body(
    call: ActionCall, event: Event, scope: Scope, content_type: str, dialect: Dialect
) -> bytes:
    if call.body is None or (dialect.empty_raw_body and call.body == {}):
        is_bare = call.method in _WITHOUT_BODY and not dialect.body_always
        return b"" if is_bare else event.data
    filled = templates.fill_template(call.body, scope)
    if content_type.startswith(FORM) and isinstance(filled, dict):
        texts = {name: templates.to_text(value) for name, value in filled.items()}
        return urlencode(texts, errors="replace").encode()
    return templates.to_json(None if filled is MISSING else filled).encode()
