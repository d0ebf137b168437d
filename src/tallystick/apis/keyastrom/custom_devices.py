"""Custom devices: entities made by callers."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tallystick.apis.keyastrom import entities
from tallystick.apis.keyastrom.entities import Entity

DEVICE = "CUSTOM_DEVICE"
GROUP = "CUSTOM_DEVICE_GROUP"

_ATTRIBUTES = {
    "customDeviceId": "detectedName",
    "ipAddresses": "ipAddress",
    "listenPorts": "listenPorts",
    "type": "softwareTechnologies",
    "faviconUrl": "customFavicon",
    "configUrl": "configUrl",
    "dnsNames": "dnsNames",
}
"""Member of the request → attribute of the entity."""

_KEPT_IF_EMPTY = frozenset({"group", "listenPorts", "type", "dnsNames"})
"""Members of which an empty value says nothing, as the vendor's page has it."""


class Device(NamedTuple):
    """The IDs of a device and of its group, and whether the device is new."""

    id: str
    group_id: str
    is_new: bool


def save_device(
    connection: Connection, wanted: Mapping[str, Any], now_ms: int, *, is_kept: bool
) -> Device:
    """Make a device, or change its given members; seen now, and always if it `is_kept`."""
    given = {name: value for name, value in wanted.items() if _is_given(name, value)}
    id_, group = _id(DEVICE, *_identity(given)), _group(given, now_ms)
    known = entities.find_entities(connection, [id_]).get(id_)
    device = Entity(
        id_,
        DEVICE,
        given["displayName"],
        first_seen_ms=known.first_seen_ms if known else now_ms,
        last_seen_ms=None if is_kept else now_ms,
        tags=known.tags if known else (),
        attributes={**(known.attributes if known else {}), **_attributes(given)},
        relationships={
            **(known.relationships if known else {}),
            "isInstanceOf": [group.id],
        },
        zones=known.zones if known else {},
        icon=_icon(given) or (known.icon if known else None),
    )
    entities.add_entities(connection, [group])
    entities.put_entities(connection, [device])
    return Device(id_, group.id, known is None)


def _is_given(name: str, value: Any) -> bool:
    return value is not None and (bool(value) or name not in _KEPT_IF_EMPTY)


def _identity(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the parts of the identity: a given group is one, as with the vendor."""
    device = given["customDeviceId"]
    return (given["group"], device) if "group" in given else (device,)


def _group(given: Mapping[str, Any], now_ms: int) -> Entity:
    name = given.get("group") or given.get("type") or given["customDeviceId"]
    return Entity(_id(GROUP, name), GROUP, name, first_seen_ms=now_ms)


def _id(type_: str, *parts: str) -> str:
    digest = blake2b("\0".join(parts).encode(), digest_size=8)
    return f"{type_}-{digest.hexdigest().upper()}"


def _attributes(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes of the given members, under the vendor's names."""
    found = {name: _without_repeats(given[of]) for of, name in _ATTRIBUTES.items() if of in given}
    if "properties" in given:
        pairs = given["properties"].items()
        found["customProperties"] = [{"key": key, "value": value} for key, value in pairs]
    return found


def _without_repeats(value: Any) -> Any:
    return list(dict.fromkeys(value)) if isinstance(value, list) else value


def _icon(given: Mapping[str, Any]) -> dict[str, str] | None:
    url = given.get("faviconUrl")
    return {"primaryIconType": "custom-device", "customIconPath": url} if url else None
