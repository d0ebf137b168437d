"""Targets of subscriptions: where events are sent; their addresses and secrets are sealed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Row

from tallystick.apis.eventgrid import connection_details, connections, transforms
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidTarget
from tallystick.apis.eventgrid.texts import to_json
from tallystick.delivery import Addresses, AddressRefused, Destination, endpoint_of
from tallystick.encryption import Encryptor, Undecryptable
from tallystick.randomness import uuid4
from tallystick.times import format_utc

Target = Mapping[str, Any]

CUSTOM = "CUSTOM"
EVENTGRID = "HC.EG"
"""The target that is another channel."""

DETAIL = "detail"
EG_DETAIL = "eg_detail"
KAFKA_DETAIL = "kafka_detail"
_DETAILS = (DETAIL, EG_DETAIL, KAFKA_DETAIL, "smn_detail", "apigw_detail")
_HTTP = ("HTTP", "HTTPS")

KIND = "eventgrid"
"""Of deliveries."""

SUBSCRIPTION_ID = 36
"""Characters of a subscription's id, with which deliveries' names of its targets begin."""

KEPT_OPEN = 1_000
"""Subscriptions whose targets need not be unsealed again for each event."""


class Targets:
    """Checks, seals and opens the targets of a subscription."""

    def __init__(self, addresses: Addresses, encryptor: Encryptor) -> None:
        self._addresses = addresses
        self._encryptor = encryptor
        self.opened = lru_cache(KEPT_OPEN)(self._open)
        """Return the sealed targets; raise `Undecryptable`."""

    def to_columns(
        self, subscription_id: str, given: Sequence[Target], kept: Sequence[Target], now_ms: int
    ) -> dict[str, str]:
        """Return the columns of the targets, with the secrets of the known ones of the same id.

        Raise `InvalidTarget` or `BadValue`.
        """
        known = {target["id"]: target for target in kept}
        made = [
            self.made(target, known.get(target.get("id")), f"targets.{index}", now_ms)
            for index, target in enumerate(given)
        ]
        _refuse_twice([target["id"] for target in made])
        return self.sealed_columns(subscription_id, made)

    def sealed_columns(self, subscription_id: str, made: Sequence[Target]) -> dict[str, str]:
        """Return the columns of finished targets."""
        sealed = self._encryptor.encrypt(to_json(made))
        return {"targets": sealed, "destinations": destinations_column(subscription_id, made)}

    def _open(self, sealed: str) -> Sequence[Target]:
        # Subscriptions from before there was delivery are in clear until they are changed.
        text = sealed if sealed.startswith("[") else self._encryptor.decrypt(sealed)
        found: Sequence[Target] = orjson.loads(text)
        return found

    def known(self, row: Row[Any]) -> Sequence[Target]:
        """Return the targets of a subscription; none if their key is lost, until given anew."""
        try:
            return self.opened(row.targets)
        except Undecryptable:
            return ()

    def made(self, given: Target, known: Target | None, where: str, now_ms: int) -> dict[str, Any]:
        """Return the target with its times, and with the secrets of the known one.

        Raise `InvalidTarget` or `BadValue`.
        """
        name = detail_name(given)
        kept = dict((known or {}).get(name) or {})
        detail = connection_details.with_kept_secrets(given[name], kept)
        connection_details.refuse_unknown_secrets(detail, f"{where}.{name}")
        connection_details.refuse_large(detail, f"{where}.{name}")
        if given["provider_type"] == CUSTOM:
            self._refuse_bad_address(detail["url"])
        transforms.refuse_unreadable(given["transform"], f"{where}.transform")
        return identified({**given, name: detail}, now_ms, known)

    def _refuse_bad_address(self, url: str) -> None:
        if not url.isascii() or any(character <= " " for character in url):
            raise InvalidTarget("the url has a character that must be percent-encoded")
        try:
            self._addresses.check_url(url)
        except AddressRefused as error:
            raise InvalidTarget(f"url: {error}") from None


def target_id(key_: str) -> str:
    """Return the own id of a target from its name in deliveries."""
    return key_[SUBSCRIPTION_ID + 1 :]


def key(subscription_id: str, target_id: str) -> str:
    """Return the name of a target in deliveries, which is unique over all projects."""
    return f"{subscription_id}-{target_id}"


def destination(subscription_id: str, target: Target) -> Destination:
    """Return where deliveries to a target go: to an address, or to a service by its name."""
    is_address = target["provider_type"] == CUSTOM
    endpoint = endpoint_of(target[DETAIL]["url"]) if is_address else target["name"]
    return Destination(key(subscription_id, target["id"]), endpoint)


def destinations_column(subscription_id: str, made: Sequence[Target]) -> str:
    """Return where deliveries to the targets go, as JSON."""
    return to_json([destination(subscription_id, target)[:2] for target in made])


def mask_target(target: Target) -> Target:
    """Return the target with its secrets masked."""
    name = detail_name(target)
    return {**target, name: connection_details.mask_secrets(target[name])}


def detail_name(target: Target) -> str:
    """Return the name of the one detail of a target."""
    return next(name for name in _DETAILS if target.get(name) is not None)


def refuse_incomplete(given: Target, where: str) -> None:
    """Raise `InvalidTarget` or `BadValue` for a target without the members of its kind."""
    found = [name for name in _DETAILS if given.get(name) is not None]
    wanted = _wanted_detail(given, found)
    if found != [wanted]:
        raise BadValue(f"{where} must have {wanted}, and no other detail")
    if given["provider_type"] == CUSTOM:
        _refuse_incomplete_custom(given, where)
    if given["name"] == EVENTGRID and given["transform"]["type"] != transforms.ORIGINAL:
        raise BadValue(f"{where}.transform.type must be {transforms.ORIGINAL} for {EVENTGRID}")


def uses_connection(target: Target, id_: str) -> bool:
    """Return whether a target is reached by the connection."""
    return (target.get("connection_id") or connections.DEFAULT) == id_


def identified(
    part: Mapping[str, Any], now_ms: int, known: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return a part of a subscription with an id and times; of a known part, when it was made."""
    given = {name: value for name, value in part.items() if value is not None}
    now = format_utc(now_ms)
    created = known["created_time"] if known else now
    return {"id": str(uuid4()), **given, "created_time": created, "updated_time": now}


def _wanted_detail(given: Target, found: Sequence[str]) -> str:
    if given["provider_type"] == CUSTOM:
        return DETAIL
    if given["provider_type"] == "APIGW":
        return "apigw_detail"
    if given["name"] == EVENTGRID:
        return EG_DETAIL
    return found[0] if found else DETAIL


def _refuse_incomplete_custom(given: Target, where: str) -> None:
    if given["name"] not in _HTTP:
        raise BadValue(f"{where}.name must be one of {', '.join(_HTTP)}")
    if not given[DETAIL].get("url"):
        raise InvalidTarget(f"{where}.detail.url is missing")
    if not uses_connection(given, connections.DEFAULT):
        raise BadValue(f"{where}.connection_id must be {connections.DEFAULT}")


def _refuse_twice(ids: Sequence[str]) -> None:
    for index, id_ in enumerate(ids):
        if id_ in ids[:index]:
            raise BadValue(f"targets.{index}.id belongs to another target")
