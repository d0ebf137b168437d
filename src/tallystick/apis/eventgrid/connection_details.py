"""Connections of sources and targets: the members of each type, and the secrets in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.apis.eventgrid.texts import to_json

APPLICATION = "APPLICATION"
RABBITMQ = "RABBITMQ"
MASK = "******"

MAX_DETAIL = 1024
"""Bytes of JSON, within a subscription."""

_SECRETS = frozenset({"password", "secret_key"})
_NEEDED: Mapping[str, tuple[str, ...]] = {
    APPLICATION: (),
    RABBITMQ: ("instance_id", "queue_name"),
    "ROCKETMQ": ("group", "topic"),
}

Detail = dict[str, Any]


def refuse_incomplete(type_: str, detail: Detail | None) -> None:
    """Raise `BadValue` if a secret, or a member needed by the type of source, is missing."""
    given = detail or {}
    for name in _NEEDED[type_]:
        if not given.get(name):
            raise BadValue(f"detail.{name} is missing")
    refuse_unknown_secrets(given, "detail")


def refuse_unknown_secrets(detail: Detail, where: str) -> None:
    """Raise `BadValue` if a secret is still the asterisks in its place."""
    for name in _SECRETS:
        if detail.get(name) == MASK:
            raise BadValue(f"{where}.{name} must be the secret itself: no hidden one is known")


def refuse_large(detail: Any, where: str) -> None:
    """Raise `BadValue` for a detail of more than 1 KB in a subscription."""
    if len(to_json(detail).encode()) > MAX_DETAIL:
        raise BadValue(f"{where} must have at most {MAX_DETAIL} bytes")


def mask_secrets(value: Any) -> Any:
    """Return the detail as it is shown: each secret in it replaced by asterisks."""
    if isinstance(value, dict):
        return {
            name: MASK if name in _SECRETS and member is not None else mask_secrets(member)
            for name, member in value.items()
        }
    return [mask_secrets(member) for member in value] if isinstance(value, list) else value


def with_kept_secrets(given: Detail, kept: Detail) -> Detail:
    """Return the new detail, with the known secrets in place of repeated asterisks."""
    hidden = {n for n in _SECRETS if given.get(n) == MASK and n in kept}
    return {**given, **{name: kept[name] for name in hidden}}
