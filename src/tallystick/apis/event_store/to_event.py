"""From the fields of a cloud operation to an event of the log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.events import Event, new_id

API = "event_store"
FIELDS = frozenset({"cl", "ty", "hs", "ac", "re", "st", "im", "me"})
USER_PREFIX = "us_"


def select_fields(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that are the API's or the user's, and `im` as it counts when it is absent."""
    fields = {
        name: value
        for name, value in sent.items()
        if (name in FIELDS or name.startswith(USER_PREFIX)) and value is not None
    }
    fields.setdefault("im", "MINOR")
    return fields


def to_event(sent: Mapping[str, Any], raw: bytes | None, now_ms: int) -> Event:
    """The event of one operation.

    Its data are the body's own bytes (`raw`) where nothing of them is dropped or added.
    """
    fields = select_fields(sent)
    source = f"/{API}/{fields['cl']}"
    data = raw if raw and fields == sent else _json(fields)
    return Event(new_id(now_ms), API, source, fields["ty"], fields["ac"], now_ms, data, "{}")


def _json(fields: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields)
    except TypeError:  # a lone surrogate, which JSON can say and UTF-8 can't
        return json.dumps(fields, separators=(",", ":")).encode()
