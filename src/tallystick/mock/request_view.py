"""A request's values by name, ready to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from tallystick.contract import json_text
from tallystick.contract.intercepted import InterceptedCall
from tallystick.contract.path_template import template_names
from tallystick.mock.masking import Masking


class Absent:
    """The type of `ABSENT`, the value of a missing body or one outside JSON."""

    def __reduce__(self) -> str:
        """Return the name of the only one, which a copy from a file is too."""
        return "ABSENT"


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request's values by name; the first of several with one name."""

    path: dict[str, str]
    query: dict[str, str]
    header: dict[str, str]
    json: Any
    """The body's value; `ABSENT` without JSON."""
    text: str
    """The body as text, if it is not JSON."""
    is_whole: bool = True
    """Whether all of the body is here."""

    def masked(self, masking: Masking) -> RequestView:
        """Return a copy with credentials masked."""
        return RequestView(
            self.path,
            {name: masking.parameter(name, value) for name, value in self.query.items()},
            {name: masking.header(name, value) for name, value in self.header.items()},
            masking.json(self.json),
            masking.text(self.text),
            self.is_whole,
        )

    def shortened(self, limit: int, raw: bytes) -> RequestView:
        """Return a copy with the first `limit` characters of the body as text."""
        text = self.text or raw.decode("utf-8", "replace")
        return replace(self, json=ABSENT, text=text[:limit], is_whole=False)

    def without_body(self) -> RequestView:
        """Return a copy whose body is gone, if it has one."""
        has_body = self.json is not ABSENT or self.text
        return replace(self, json=ABSENT, text="", is_whole=False) if has_body else self


def facts(call: InterceptedCall) -> RequestView:
    """Return a call's values, as they were sent."""
    value, text = body_of(call.body)
    return RequestView(
        path=_path(call.operation.path if call.operation else "", call.segments),
        query=_first(parse_qsl(call.request.query.decode("latin-1"), keep_blank_values=True)),
        header=headers_of(call.scope["headers"]),
        json=value,
        text=text,
    )


def headers_of(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return headers by lower-case name."""
    return _first((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in headers)


def body_of(raw: bytes) -> tuple[Any, str]:
    """Return a JSON body's value, or another body's text."""
    if not raw:
        return ABSENT, ""
    try:
        return json_text.read_json(raw), ""
    except json_text.Unreadable:
        return ABSENT, raw.decode("utf-8", "replace")


def _path(template: str, segments: Sequence[str]) -> dict[str, str]:
    return dict(zip(template_names(template), segments, strict=False))


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found
