"""Targets of subscriptions: where events are sent; their addresses and secrets are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from tallystick.apis.eventgrid import connection_details, transforms
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidTarget
from tallystick.apis.eventgrid.texts import to_json
from tallystick.apis.times import format_utc
from tallystick.delivery import Addresses, AddressRefused, Destination, endpoint_of
from tallystick.encryption import Encryptor
from tallystick.randomness import uuid4

Target = Mapping[str, Any]

KEPT_OPEN = 1_000
"""Subscriptions whose targets need not be unsealed again for each event."""


class Targets:
    """Checks, seals and opens the targets of a subscription."""

    def __init__(self, addresses: Addresses, encryptor: Encryptor) -> None:
        self._addresses = addresses
        self._encryptor = encryptor
        self.opened = lru_cache(KEPT_OPEN)(self._open)
        """The targets that were sealed; raises `Undecryptable`."""

    def to_columns(
        self, subscription_id: str, given: Sequence[Target], kept: Sequence[Target], now_ms: int
    ) -> dict[str, str]:
        """The columns of the targets, with the secrets of those kept of the same id.

        Raises `InvalidTarget` or `BadValue`.
        """
        known = {target["id"]: target["detail"] for target in kept}
        made = [
            self._made(target, known.get(target.get("id"), {}), f"targets.{index}", now_ms)
            for index, target in enumerate(given)
        ]
        _refuse_twice([target["id"] for target in made])
        sealed = self._encryptor.encrypt(to_json(made))
        return {"targets": sealed, "destinations": destinations_column(subscription_id, made)}

    def _open(self, sealed: str) -> Sequence[Target]:
        # Subscriptions from before there was delivery are in clear until they are changed.
        text = sealed if sealed.startswith("[") else self._encryptor.decrypt(sealed)
        found: Sequence[Target] = orjson.loads(text)
        return found

    def _made(
        self, given: Target, known: Mapping[str, Any], where: str, now_ms: int
    ) -> dict[str, Any]:
        detail = connection_details.with_kept_secrets(given["detail"], dict(known))
        connection_details.refuse_unknown_secrets(detail, f"{where}.detail")
        connection_details.refuse_large(detail, f"{where}.detail")
        self._refuse_bad_address(detail["url"])
        transforms.refuse_unreadable(given["transform"], f"{where}.transform")
        return identified({**given, "detail": detail}, now_ms)

    def _refuse_bad_address(self, url: str) -> None:
        if not url.isascii() or any(character <= " " for character in url):
            raise InvalidTarget("the url has a character that must be percent-encoded")
        try:
            self._addresses.check_url(url)
        except AddressRefused as error:
            raise InvalidTarget(f"url: {error}") from None


def key(subscription_id: str, target_id: str) -> str:
    """What deliveries call a target: its own id need not be the only one of all projects."""
    return f"{subscription_id}-{target_id}"


def destination(subscription_id: str, target: Target) -> Destination:
    """Where deliveries to a target go."""
    return Destination(key(subscription_id, target["id"]), endpoint_of(target["detail"]["url"]))


def destinations_column(subscription_id: str, made: Sequence[Target]) -> str:
    """Where deliveries to the targets go, as JSON."""
    return to_json([destination(subscription_id, target)[:2] for target in made])


def mask_target(target: Target) -> Target:
    """The target as it may be seen."""
    return {**target, "detail": connection_details.mask_secrets(target["detail"])}


def identified(part: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    """A part of a subscription with an id and times."""
    given = {name: value for name, value in part.items() if value is not None}
    times = {"created_time": format_utc(now_ms), "updated_time": format_utc(now_ms)}
    return {"id": str(uuid4()), **given, **times}


def _refuse_twice(ids: Sequence[str]) -> None:
    for index, id_ in enumerate(ids):
        if id_ in ids[:index]:
            raise BadValue(f"targets.{index}.id is that of another target")
