"""Reads a caller's ``Prefer`` header (RFC 7240), such as ``Prefer: code=503``."""

from __future__ import annotations

import re
from typing import NamedTuple

from tallystick.mock.clock import duration_ms
from tallystick.mock.response_chooser import NoSuchResponse, ResponseChoice

HEADER = "prefer"
APPLIED = "Preference-Applied"
_DURATION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,3})?(ms|s|m|h|d)")


class Preference(NamedTuple):
    """The preferences of one request: their text, the answer chosen and the delay in seconds."""

    text: str
    choice: ResponseChoice | None
    delay_s: float


def preference(header: str) -> Preference | None:
    """Return the preferences in a header that the mock knows, or None; raise `NoSuchResponse`."""
    named: dict[str, str] = {}
    for part in re.split(r"[,;]", header):
        name, equals, value = part.strip().partition("=")
        if equals and name.strip().lower() in _KNOWN:
            # Of one that is given twice, RFC 7240 takes the first.
            named.setdefault(name.strip().lower(), value.strip().strip('"'))
    if not named:
        return None
    text = ", ".join(f"{name}={value}" for name, value in named.items())
    return Preference(text, _choice(named), _delay(named.get("delay")))


_KNOWN = frozenset({"code", "error", "example", "dynamic", "delay"})


def _choice(named: dict[str, str]) -> ResponseChoice | None:
    code = named.get("code")
    if code is not None and not re.fullmatch("[1-5][0-9]{2}", code):
        raise NoSuchResponse("Prefer: code is an HTTP status; an error code is asked for by error=")
    if not named.keys() - {"delay"}:
        return None
    dynamic = named.get("dynamic", "false")
    if dynamic not in ("true", "false"):
        raise NoSuchResponse("Prefer: dynamic is true or false")
    status = int(code) if code else None
    return ResponseChoice(status, named.get("error"), named.get("example"), dynamic == "true")


def _delay(text: str | None) -> float:
    if text is None:
        return 0.0
    if not _DURATION.fullmatch(text):
        raise NoSuchResponse("Prefer: delay is a duration such as 3s or 200ms")
    return duration_ms(text) / 1000
