"""The parts of a ``multipart/form-data`` body."""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from tallystick.contract.media_types import plain_type
from tallystick.contract.query_string import BadQuery

# It warns of each body that it refuses, which its sender is told.
logging.getLogger("python_multipart").setLevel(logging.CRITICAL)

MAX_PARTS = 1_000


class UploadedFile(NamedTuple):
    """A file as it was sent: its name, empty where it has none, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


class BodyPart(NamedTuple):
    """A part of the body."""

    name: str
    file_name: str | None
    media_type: str
    """Empty where the part says none."""
    content: bytes

    @property
    def file(self) -> UploadedFile:
        """Return the part as a file."""
        media_type = self.media_type or "application/octet-stream"
        return UploadedFile(self.file_name or "", media_type, self.content)


def read_parts(raw: bytes, content_type: str) -> list[BodyPart]:
    """Return the parts in their order; a body that is no multipart is a `BadQuery`.

    `content_type` is the header with the boundary. There are at most `MAX_PARTS` parts.
    """
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary")
    if not boundary:
        raise BadQuery("", "syntax", "has no boundary in its Content-Type")
    reader = _PartReader()
    try:
        parser = MultipartParser(boundary, reader.callbacks())
        parser.write(raw)
        parser.finalize()
    except FormParserError as error:
        raise BadQuery("", "syntax", "is not multipart as its Content-Type says") from error
    if not reader.is_complete:
        raise BadQuery("", "syntax", "is not all of a multipart body")
    return reader.parts


class _PartReader:
    """A collector of the parts reported by the parser piece by piece."""

    def __init__(self) -> None:
        self.parts: list[BodyPart] = []
        self.is_complete = False
        self._content: list[bytes] = []
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""

    def callbacks(self) -> Any:
        """Return the methods for the parser to call, by its names."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._field,
            "on_header_value": self._add_value,
            "on_header_end": self._end_header,
            "on_part_data": self._add_content,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def _begin(self) -> None:
        if len(self.parts) == MAX_PARTS:
            raise BadQuery("", "syntax", f"has more than {MAX_PARTS} parts")
        self._content, self._headers = [], {}

    def _field(self, read: bytes, start: int, end: int) -> None:
        self._name += read[start:end]

    def _add_value(self, read: bytes, start: int, end: int) -> None:
        self._value += read[start:end]

    def _end_header(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _add_content(self, read: bytes, start: int, end: int) -> None:
        self._content.append(read[start:end])

    def _end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        if b"name" not in options:
            raise BadQuery("", "syntax", "has a part without a name")
        file_name = options.get(b"filename")
        self.parts.append(
            BodyPart(
                _text(options[b"name"]),
                None if file_name is None else _text(file_name),
                plain_type(_text(self._headers.get(b"content-type", b""))),
                b"".join(self._content),
            )
        )

    def _complete(self) -> None:
        self.is_complete = True


def _text(text: bytes) -> str:
    return text.decode("utf-8", "replace")
