"""From an accepted call to an event of the log."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from tallystick.apis.generic.operations import ContractCall
from tallystick.apis.generic.paths import path_text
from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.json_text import write_json
from tallystick.contract.multipart_body import UploadedFile
from tallystick.contract.request import Request
from tallystick.events import Event, new_id

MAX_LEVELS = 200
"""Levels of a body whose value is kept; validators and writers of JSON end at some 250."""

_SCALARS = frozenset({str, int, float, bool, type(None)})


def to_event(api: str, call: ContractCall, subject: str, now_ms: int) -> Event:
    """Return the event of one call: its type is ``API.OPERATION``, its source the path called.

    Its data are the body's own bytes where it was JSON.
    """
    request = call.request
    source = f"/{api}{path_text(request.path)}"
    attributes = write_json({"httpmethod": request.method}).decode()
    type_ = f"{api}.{call.operation.id}"
    data = _data(request, call.body)
    return Event(new_id(now_ms), api, source, type_, subject, now_ms, data, attributes)


def _data(request: Request, body: Any) -> bytes:
    if not request.body or body is None:
        return b""
    if "json" in (request.header(b"content-type") or ""):
        return request.body
    return write_json(as_json(body))


def as_json(value: Any, level: int = 1) -> Any:
    """Return a value with bytes, and the bytes of files, as base64, which JSON can hold.

    Raise `Invalid` for lists and objects that are nested deeper than `MAX_LEVELS`.
    """
    if isinstance(value, UploadedFile):
        return as_json(value.content)
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if not isinstance(value, dict | list | tuple):
        return value
    if level > MAX_LEVELS:
        message = f"is nested deeper than {MAX_LEVELS} levels"
        raise Invalid([Violation("body", "", "depth", None, message)])
    if isinstance(value, dict):
        if _SCALARS.issuperset(map(type, value.values())):
            return value
        return {name: as_json(each, level + 1) for name, each in value.items()}
    return [as_json(each, level + 1) for each in value]
