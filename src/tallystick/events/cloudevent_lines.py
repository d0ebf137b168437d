"""Events as lines of text, each a CloudEvent in JSON, and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.contract import json_spans, json_text
from tallystick.events.cloudevents import context_attributes
from tallystick.events.event import Event
from tallystick.events.ids import PATTERN, derived_id, time_of
from tallystick.storable_text import is_storable
from tallystick.times import LAST_MS, OutOfYears, parse_rfc3339

API = "api"
"""The member of a line that names the event's API, where `source` doesn't begin with it."""

ORIGIN_ID = "originid"
"""The attribute that keeps an id which is not of this log's kind."""

CLOCK_MS = 60_000
"""How far the time within an id of this log may be from the event's own, in milliseconds."""

_OWN = "tallystickown"
"""Stands before an attribute's name that a line needs for itself."""

_WITH_COLUMNS = frozenset({"specversion", "id", "source", "type", "subject", "time", "data", API})
_DATA = b',"data":'


class BadLine(ValueError):
    """A line is no event; the message says why."""


def to_line(event: Event) -> bytes:
    """Return an event as one line, with a line feed.

    Its data is byte for byte as it was accepted, but for line breaks between its tokens.
    """
    members = {_escaped(name): value for name, value in context_attributes(event).items()}
    if _first_segment(event.source) != event.api:
        members[API] = event.api
    line = orjson.dumps(members)
    if not event.data:
        return line + b"\n"
    return b"%b%b%b}\n" % (line[:-1], _DATA, event.data.translate(_ON_ONE_LINE))


def from_line(line: bytes, now_ms: int) -> Event:
    """Return the event of a line; raise `BadLine`.

    `now_ms` is the time of an event that tells none, neither by ``time`` nor within its id.
    """
    return build_event(*read_members(line), now_ms)


def build_event(members: Mapping[str, Any], data: bytes, now_ms: int) -> Event:
    """Return the event of a CloudEvent's members and data, as `from_line` does; raise `BadLine`."""
    texts = {name: _text(members, name) for name in ("id", "source", "type")}
    own_ms = time_of(texts["id"]) if PATTERN.fullmatch(texts["id"]) else None
    time = _time(members, now_ms if own_ms is None else own_ms)
    attributes = {
        _plain(name): value
        for name, value in members.items()
        if name not in _WITH_COLUMNS and value is not None
    }
    id_ = texts["id"]
    if own_ms is None or abs(own_ms - time) > CLOCK_MS:
        id_ = derived_id(time, f"{texts['source']}\n{id_}".encode())
        attributes[ORIGIN_ID] = texts["id"]
    return Event(
        id=id_,
        api=_api(members, texts["source"]),
        source=texts["source"],
        type=texts["type"],
        subject=_text(members, "subject") if members.get("subject") is not None else "",
        time=time,
        data=data,
        attributes=_written(attributes),
    )


_OTHER_YEARS = "time must be in the years 1970 to 9999"
_ON_ONE_LINE = bytes.maketrans(b"\n\r", b"  ")


def _escaped(name: str) -> str:
    return f"{_OWN}{name}" if name == API or name.startswith(_OWN) else name


def _plain(name: str) -> str:
    plain = name.removeprefix(_OWN)
    # Others may use the prefix for a name that no line escapes: `source` must stay its column.
    return plain if _escaped(plain) == name else name


def _first_segment(source: str) -> str:
    return source.lstrip("/").partition("/")[0]


def read_members(line: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the members of a line without its data, and the data as written; raise `BadLine`."""
    # A line of `to_line` ends with its data. No text holds the separator, as it has bare quotes.
    head, separator, tail = line.rstrip().partition(_DATA)
    try:
        members = orjson.loads(head + b"}" if separator else head)
        data = tail[:-1]
        if separator:
            orjson.loads(data)
    except orjson.JSONDecodeError:
        return _read_any(line)
    return (_checked(members), data) if separator else _read_any(line)


def _read_any(line: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        members = _checked(json_text.read_json(line))
    except json_text.Unreadable as error:
        raise BadLine(str(error)) from None
    has_data = members.pop("data", None) is not None
    return members, json_spans.members(line)["data"] if has_data else b""


def _checked(members: Any) -> dict[str, Any]:
    if not isinstance(members, dict):
        raise BadLine("is no JSON object")
    if members.get("specversion") != "1.0":
        raise BadLine('specversion must be "1.0"')
    if members.get("data_base64") is not None:
        raise BadLine("data_base64 is not supported: send JSON in data")
    return members


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str) or not value:
        raise BadLine(f"{name} must be a text that is not empty")
    if not is_storable(value):
        raise BadLine(f"{name} has a character that can't be stored")
    return value


def _written(attributes: Mapping[str, Any]) -> str:
    written = json_text.write_json(attributes)
    try:
        orjson.loads(written)
    except orjson.JSONDecodeError:  # every reader of the log would fail likewise
        raise BadLine("has half a surrogate pair outside of data") from None
    return written.decode()


def check_origin(members: Mapping[str, Any]) -> None:
    """Return if an id, and a time if there is one, can be kept; raise `BadLine`."""
    _text(members, "id")
    _time(members, 0)


def _time(members: Mapping[str, Any], otherwise_ms: int) -> int:
    ms = otherwise_ms if members.get("time") is None else _given_time(members)
    if not 0 <= ms <= LAST_MS:
        raise BadLine(_OTHER_YEARS)
    return ms


def _given_time(members: Mapping[str, Any]) -> int:
    try:
        return parse_rfc3339(_text(members, "time"))
    except OutOfYears:
        raise BadLine(_OTHER_YEARS) from None
    except (ValueError, OverflowError):
        raise BadLine("time must be a time as in RFC 3339: 2026-01-31T08:15:30.123Z") from None


def _api(members: Mapping[str, Any], source: str) -> str:
    api = _text(members, API) if members.get(API) is not None else _first_segment(source)
    if not api:
        raise BadLine("api is missing, and source does not begin with one")
    return api
