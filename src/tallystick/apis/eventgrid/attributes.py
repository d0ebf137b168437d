"""Attributes of a CloudEvent: their values, and their names in the log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tallystick.apis.eventgrid.exceptions import BadValue

Attributes = Mapping[str, Any]

ID = "eventgridid"
TIME = "eventgridtime"
PROJECT = "eventgridproject"
CHANNEL = "eventgridchannel"
HOPS = "eventgridhops"
"""How many channels have handed the event on; absent where it was published."""
ROOT = "eventgridroot"
"""The log's id of the event where it was published; absent there."""

INTEGERS = range(-(2**31), 2**31)

# Their order in the JSON text of a published event.
_KNOWN = ("specversion", "id", "source", "type", "subject", "time")
_WITH_COLUMNS = frozenset({*_KNOWN, "data"})
_OF_THE_LOG = frozenset({ID, TIME, PROJECT, CHANNEL, HOPS, ROOT})
_OWN = "eventgridown"
"""Stands in the log before an own attribute's name that the log needs for itself."""

# No pattern of the contract: its two readers write characters beyond U+FFFF differently.
_NONCHARACTERS = "".join(
    chr(plane + 0xFFFE) + chr(plane + 0xFFFF) for plane in range(0, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(f"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef{_NONCHARACTERS}]")


def refuse_bad_values(event: Attributes, where: str) -> None:
    """Raise `BadValue` for a value of an attribute against the rules of CloudEvents 1.0.2."""
    for name, value in event.items():
        if name != "data" and value is not None:
            _refuse_bad_value(value, f"{where}.{name}")
    if event.get("dataschema") is not None and event.get("data_schema") is not None:
        raise BadValue(
            f"{where}.data_schema can't be given beside dataschema, which is its other name"
        )


def to_logged(event: Attributes, project: str, channel_id: str) -> dict[str, Any]:
    """Return the attributes of a published event as the log keeps them, beside its own."""
    own = {name: value for name, value in event.items() if value is not None}
    schema = own.pop("data_schema", None)
    if "datacontenttype" in own:
        own["datacontenttype"] = _media_type(own["datacontenttype"])
    logged = {_logged_name(name): own[name] for name in own if name not in _WITH_COLUMNS}
    logged |= {"dataschema": schema} if schema else {}
    logged |= {ID: own["id"]} | ({TIME: own["time"]} if "time" in own else {})
    return logged | {PROJECT: project, CHANNEL: channel_id}


def to_forwarded(logged: Attributes, id_: str, channel_id: str) -> dict[str, Any]:
    """Return the attributes in the log of an event, known there by `id_`, in another channel."""
    hops = logged.get(HOPS, 0) + 1
    return {**logged, CHANNEL: channel_id, HOPS: hops, ROOT: root(logged, id_)}


def root(logged: Attributes, id_: str) -> str:
    """Return the log's id of an event where it was published; `id_` is the log's id of this one."""
    found: str = logged.get(ROOT, id_)
    return found


def to_published(logged: Attributes, source: str, type_: str, subject: str) -> dict[str, Any]:
    """Return the attributes of an event of the log as they were published."""
    fixed = ("1.0", logged[ID], source, type_, subject, logged.get(TIME))
    known = {name: value for name, value in zip(_KNOWN, fixed, strict=True) if value}
    own = {name: value for name, value in logged.items() if name not in _OF_THE_LOG}
    return known | {name.removeprefix(_OWN): value for name, value in own.items()}


def _media_type(text: str) -> str:
    """Return a media type in small letters, as the Java SDK of CloudEvents knows it."""
    names, separator, parameters = text.partition(";")
    return names.lower() + separator + parameters


def _logged_name(name: str) -> str:
    return f"{_OWN}{name}" if name in _OF_THE_LOG or name.startswith(_OWN) else name


def _refuse_bad_value(value: Any, where: str) -> None:
    if isinstance(value, str):
        if _FORBIDDEN.search(value):
            raise BadValue(f"{where} has a character that CloudEvents forbids")
    elif not isinstance(value, bool) and not (isinstance(value, int) and value in INTEGERS):
        raise BadValue(f"{where} must be a text, a boolean or an integer of 32 bits")
