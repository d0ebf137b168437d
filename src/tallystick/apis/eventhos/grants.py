"""Tokens for actions, fetched by client credentials (RFC 6749, section 4.4) and cached."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tallystick.apis.eventhos.action_request import REDIRECTS
from tallystick.apis.eventhos.actions import Grant
from tallystick.clock import Clock
from tallystick.contract import json_text
from tallystick.delivery import (
    AttemptOutcome,
    DeliveryFailure,
    EndpointResponse,
    OutgoingRequest,
    Sender,
)
from tallystick.secret_names import secret_values

KEPT = 1_000
"""The number of tokens kept, each for another grant."""

LEEWAY_MS = 10_000
"""A token is replaced this many ms before it expires."""

UNTOLD_MS = 60_000
"""The lifetime in ms of a token whose server does not state one."""

_FORM = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Accept", "application/json"),
)


class GrantedToken(NamedTuple):
    """The answer of a token server."""

    response: Mapping[str, Any]
    """``headers`` and ``body``, for templates."""

    secrets: tuple[str, ...]
    """Secrets in it, to be masked."""

    fetched: int
    expires: int


class TokenGrants:
    """A cache of tokens, each fetched once for all deliveries that wait for it."""

    def __init__(self, sender: Sender, clock: Clock, timeout_s: int | None = None) -> None:
        """`timeout_s` is the time for a token's request; None for the sender's own."""
        self._timeout_s = timeout_s
        self._sender = sender
        self._clock = clock
        self._granted: OrderedDict[Grant, GrantedToken] = OrderedDict()
        self._fetching: dict[Grant, asyncio.Future[GrantedToken]] = {}

    async def get_token(self, grant: Grant, fetched_after: int) -> GrantedToken:
        """Return the answer with a valid token, fetched at `fetched_after` or later.

        The time is in ms since the epoch. Raise `DeliveryFailure` if the server issues none.
        """
        kept = self._granted.get(grant)
        if kept is not None and self._is_good(kept, fetched_after):
            self._granted.move_to_end(grant)
            return kept
        fetching = self._fetching.get(grant)
        if fetching is None:
            fetching = self._fetching[grant] = asyncio.ensure_future(self._fetch(grant))
            fetching.add_done_callback(lambda _: self._fetching.pop(grant))
        # Shielded: the cancellation of one delivery must not cancel the fetch for the others.
        return await asyncio.shield(fetching)

    def _is_good(self, kept: GrantedToken, fetched_after: int) -> bool:
        return kept.fetched >= fetched_after and kept.expires > self._clock.now_ms()

    async def _fetch(self, grant: Grant) -> GrantedToken:
        credentials = {
            "grant_type": "client_credentials",
            "client_id": grant.client_id,
            "client_secret": grant.client_secret,
        }
        response = await self._sender.send_request(
            OutgoingRequest(
                "POST",
                grant.url,
                _FORM,
                urlencode(credentials, errors="replace").encode(),
                timeout_s=self._timeout_s,
                redirects=REDIRECTS,
            )
        )
        granted = self._granted[grant] = _granted(response, self._clock.now_ms())
        if len(self._granted) > KEPT:
            self._granted.popitem(last=False)
        return granted


def _granted(response: EndpointResponse, now_ms: int) -> GrantedToken:
    if not 200 <= response.status < 300:
        raise DeliveryFailure(AttemptOutcome.REJECTED, f"securityUrl answered {response.status}")
    try:
        body = json_text.read_json(response.body)
    except json_text.Unreadable as error:
        raise DeliveryFailure(
            AttemptOutcome.REJECTED, f"the answer of securityUrl {error}"
        ) from None
    headers = {name.lower(): value for name, value in response.headers}
    members = body if isinstance(body, dict) else {}
    answered = {"headers": headers, "body": body}
    lifetime_ms = _lifetime_ms(members.get("expires_in"))
    return GrantedToken(answered, tuple(secret_values(answered)), now_ms, now_ms + lifetime_ms)


def _lifetime_ms(expires_in: Any) -> int:
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError):
        return UNTOLD_MS
    return int(min(max(seconds, 0), 1e9)) * 1000 - LEEWAY_MS
