"""The fields of a form in a request: ``x-www-form-urlencoded`` or ``multipart/form-data``."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlencode

from .vectors import VectorRequest

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_BOUNDARY = re.compile(r'boundary="?([^";]+)')
_NAME = re.compile(rb'\bname="([^"]*)"')
_OF_FILE = re.compile(rb"\bfilename=|^content-type:", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n\r\n"


class FormField(NamedTuple):
    """A field: its name, the head of its part, and its content."""

    name: str
    head: bytes
    """Empty in an urlencoded form."""
    content: bytes

    @property
    def text(self) -> str | None:
        """Return the text of the field; None for a file, or JSON."""
        return None if _OF_FILE.search(self.head) else self.content.decode("utf-8", "replace")


class FormFields:
    """Reads and replaces the fields of a form."""

    def __init__(self, request: VectorRequest) -> None:
        self._request = request
        headers = {name.lower(): value for name, value in request.headers}
        content_type = headers.get("content-type", "")
        self.media_type = content_type.partition(";")[0].strip().lower()
        found = _BOUNDARY.search(content_type)
        self._boundary = b"--" + (found[1] if found else "").encode()
        self._fields = list(self._read(request.body or b""))

    def list_all(self) -> list[FormField]:
        """Return all fields, in their order."""
        return [*self._fields]

    def list_single(self) -> list[FormField]:
        """Return the fields that are given once."""
        counts = Counter(each.name for each in self._fields)
        return [each for each in self._fields if counts[each.name] == 1]

    def replace_text(self, name: str, text: str | None) -> VectorRequest:
        """Return the request with another text for a field; without the field for None."""
        fields = [
            each if each.name != name else each._replace(content=(text or "").encode())
            for each in self._fields
            if each.name != name or text is not None
        ]
        return replace(self._request, body=self._write(fields))

    def _read(self, body: bytes) -> list[FormField]:
        if self.media_type == FORM:
            pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
            return [FormField(name, b"", text.encode()) for name, text in pairs]
        if self.media_type != MULTIPART:
            return []
        parts = (part.partition(_END) for part in body.split(self._boundary)[1:-1])
        return [
            FormField(name[1].decode(), head, content.removesuffix(b"\r\n"))
            for head, _, content in parts
            if (name := _NAME.search(head))
        ]

    def _write(self, fields: list[FormField]) -> bytes:
        if self.media_type == FORM:
            pairs = [(each.name, each.content) for each in fields]
            return urlencode(pairs, quote_via=quote).encode()
        parts = (self._boundary + each.head + _END + each.content + b"\r\n" for each in fields)
        return b"".join(parts) + self._boundary + b"--\r\n"
