"""A request's values by name, ready to be compared."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from tallystick.contract import json_text
from tallystick.contract.intercepted import InterceptedCall
from tallystick.contract.media_types import FORM, MULTIPART, plain_type
from tallystick.contract.multipart_body import read_parts
from tallystick.contract.parameter_styles import MAX_VALUES
from tallystick.contract.path_template import template_names
from tallystick.contract.query_string import BadQuery
from tallystick.mock.decoded_body import NotDecoded, decode_body, is_library_missing
from tallystick.mock.masking import Masking


def undecoded(part: str, encoding: str) -> tuple[str, ...]:
    """Return the reason for an unjudged body; empty for a decoded one."""
    if not encoding:
        return ()
    cure = ": install tallystick[encodings]" if is_library_missing(encoding) else ""
    return (f"{part} body can't be decoded from {encoding}{cure}",)


class Absent:
    """The type of `ABSENT`, the value of a missing body or one outside JSON."""

    def __reduce__(self) -> str:
        """Return the name of the only one, which a copy from a file is too."""
        return "ABSENT"


ABSENT = Absent()


DECODED = 4 * 1024 * 1024
"""The most bytes of a decoded body."""

Values = Mapping[str, Sequence[str]]
"""Name → all of its values, in the order in which they were sent."""


@dataclass(frozen=True)  # pickled by the journal, which takes half as long again with slots
class RequestView:
    """A request's values by name."""

    path: Mapping[str, str]
    query: Values
    header: Values
    form: Values
    """The fields of a form; a file has its file name as its value."""
    json: Any
    """The body's value; `ABSENT` without JSON."""
    text: str
    """The body as text, if it is not JSON."""
    is_whole: bool = True
    """Whether all of the body is here."""
    encoding: str = ""
    """The Content-Encoding of a body that can't be decoded."""
    raw: bytes = b""
    """The decoded body, which a masked copy lacks."""

    @property
    def unjudged(self) -> tuple[str, ...]:
        """Return the reason why the body can't be judged, if there is one."""
        return undecoded("request", self.encoding)

    def masked(self, masking: Masking) -> RequestView:
        """Return a copy with credentials masked."""
        return RequestView(
            self.path,
            _masked(self.query, masking.parameter),
            _masked(self.header, masking.header),
            _masked(self.form, masking.parameter),
            masking.json(self.json),
            masking.text(self.text),
            self.is_whole,
            self.encoding,
        )

    def shortened(self, limit: int) -> RequestView:
        """Return a copy with the first `limit` characters of the body as text."""
        text = self.text or self.raw.decode("utf-8", "replace")
        return replace(self, form={}, json=ABSENT, text=text[:limit], is_whole=False)

    def without_body(self) -> RequestView:
        """Return a copy whose body is gone, if it has one."""
        has_body = self.json is not ABSENT or self.text
        bare = replace(self, form={}, json=ABSENT, text="", is_whole=False)
        return bare if has_body else self


def facts(call: InterceptedCall) -> RequestView:
    """Return a call's values, as they were sent."""
    header = headers_of(call.scope["headers"])
    encoding = ", ".join(header.get("content-encoding", ()))
    try:
        raw = decode_body(call.body, encoding, DECODED) if encoding else call.body
    except NotDecoded:
        raw, is_whole = b"", False
    else:
        is_whole, encoding = True, ""
    value, text = body_of(raw)
    return RequestView(
        path=_path(call.operation.path if call.operation else "", call.segments),
        query=_fields(call.request.query),
        header=header,
        form=_form(raw, header.get("content-type", [""])[0]),
        json=value,
        text=text,
        is_whole=is_whole,
        encoding=encoding,
        raw=raw,
    )


def headers_of(headers: Iterable[tuple[bytes, bytes]]) -> Values:
    """Return headers by lower-case name."""
    return _by_name((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in headers)


def shown(values: Values) -> dict[str, Any]:
    """Return values by name; those of a name given more than once as a list."""
    return {name: own[0] if len(own) == 1 else own for name, own in values.items()}


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


def _fields(raw: bytes) -> Values:
    return _by_name(parse_qsl(raw.decode("latin-1"), keep_blank_values=True)) if raw else {}


def _form(raw: bytes, content_type: str) -> Values:
    media_type = plain_type(content_type)
    if media_type == FORM:
        return _fields(raw) if raw.count(b"&") < MAX_VALUES else {}
    if media_type != MULTIPART:
        return {}
    try:
        parts = read_parts(raw, content_type)
    except BadQuery:
        return {}
    return _by_name((p.name, p.file_name or p.content.decode("utf-8", "replace")) for p in parts)


def _by_name(pairs: Iterable[tuple[str, str]]) -> Values:
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _masked(values: Values, mask: Callable[[str, str], str]) -> Values:
    return {name: [mask(name, value) for value in own] for name, own in values.items()}
