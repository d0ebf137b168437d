"""Reads and validates the request body of one operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple

from tallystick.contract import json_text
from tallystick.contract.content_encoding import NotPacked, unpack_body
from tallystick.contract.direction import READ_ONLY, one_way_schema
from tallystick.contract.exceptions import NOTHING, Invalid, TooLarge, Violation
from tallystick.contract.form_body import FormBody, judgeable
from tallystick.contract.media_types import (
    FORM,
    JSON,
    JSON_PATCH,
    MULTIPART,
    best_range,
    is_json,
    is_xml,
    plain_type,
    type_parameters,
)
from tallystick.contract.query_string import BadQuery
from tallystick.contract.schema import Schema, to_json_schema
from tallystick.contract.shape import Shape

_OPERATIONS = {"type": "array", "items": {"type": "object", "required": ["op", "path"]}}
"""The schema of a JSON Patch declared as an object: it is a list (RFC 6902, section 3)."""

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

_CODECS = {"utf-8": "utf-8", "utf8": "utf-8", "us-ascii": "utf-8", "ascii": "utf-8"}
_TEXT_CODECS = {**_CODECS, "iso-8859-1": "latin-1", "latin1": "latin-1"}
_UNKNOWN = b"application/octet-stream"
"""The media type of a body that says none."""


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """Return all bytes of the body; raise `TooLarge` as soon as they exceed `limit` bytes.

    Raises `ClientGone` if the client disconnects first.
    """
    length = headers.get(b"content-length")
    if length is not None and int(length) > limit:
        raise TooLarge
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body"):
        chunks = [body]
        size = len(body)
        while message.get("more_body"):
            message = await receive()
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > limit:
                raise TooLarge
        body = b"".join(chunks)
    if message["type"] == "http.disconnect":
        raise ClientGone
    if len(body) > limit:
        raise TooLarge
    return body


class Replay:
    """An ASGI ``receive`` for a body in memory."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    async def __call__(self) -> MutableMapping[str, Any]:
        """Return the whole body on the first call, and an empty one later."""
        raw, self._raw = self._raw, b""
        return {"type": "http.request", "body": raw, "more_body": False}


class _Media(NamedTuple):
    """A declared media type, or a range of them."""

    schema: Schema
    shape: Shape
    form: FormBody


class RequestBody:
    """A validator for the bodies of one operation.

    The value of JSON, also of ``+json``, is what it says; of a form, an object by its schema, with
    an `UploadedFile` for each file of a multipart form; of ``text/…``, the text, or what it stands
    for by its schema. Other media types, and XML, are bytes, which no schema judges.
    """

    def __init__(
        self, operation: Mapping[str, Any], definitions: Mapping[str, Any], codes: Mapping[str, str]
    ) -> None:
        declared = operation["requestBody"]
        self._codes = codes
        self._required = declared.get("required", False)
        self._lenient = operation.get("x-lenient-content-type", False)
        self._empty_if_missing = operation.get("x-missing-body-is-empty", False)
        self._unique_keys = operation.get("x-unique-keys", False)
        self._media: dict[str, _Media] = {}
        self._may_be_form = self._lenient and FORM in operation["requestBody"].get("content", {})
        for range_, media in (declared.get("content") or {"*/*": {}}).items():
            written = to_json_schema(media.get("schema", {}))
            schema = one_way_schema(written, definitions, READ_ONLY)
            shape = Shape(schema, definitions)
            if plain_type(range_) == JSON_PATCH and shape.types == {"object"}:
                schema = _OPERATIONS
                shape = Shape(schema, definitions)
            form = FormBody(shape, media.get("encoding", {}))
            known = _Media(Schema(schema, definitions), shape, form)
            self._media.setdefault(plain_type(range_), known)

    def unpack(self, raw: bytes, encoding: bytes, limit: int) -> bytes:
        """Return the body without its content encoding.

        Raises `TooLarge`, `UnknownEncoding`, or `Invalid` for broken gzip.
        """
        try:
            return unpack_body(raw, encoding, limit)
        except NotPacked:
            raise self._invalid("syntax", "is not gzip, or not all of it") from None

    def read_value(self, raw: bytes, headers: Mapping[bytes, bytes]) -> Any:
        """Return the body's value, by its media type.

        An empty body is None where the contract makes it optional. Raises `Invalid`.
        """
        if not raw:
            if self._required:
                raise self._missing()
            return None
        if self._may_be_form and _is_form(raw, headers):
            declared = FORM
        else:
            declared = JSON if self._lenient else self._declared(headers)
        media = self._media[declared]
        if declared != JSON:
            return self._read_other(raw, _content_type(headers), media)
        return self._judge(media.schema, self._parse(raw))

    def _judge(self, schema: Schema, value: Any) -> Any:
        """Return the value, with integers for the texts allowed to stand for them."""
        if schema.accepts_all or schema.is_valid(value):
            return value
        read = schema.read_texts(value)
        if schema.is_valid(read):
            return read
        raise Invalid(self._violations(schema, read))

    def _read_other(self, raw: bytes, content_type: str, media: _Media) -> Any:
        name = plain_type(content_type)
        if is_json(name):
            return self._judge(media.schema, self._parse(raw))
        if name in {FORM, MULTIPART}:
            form = self._parse_form(raw, content_type, media.form)
            self._judge(media.schema, judgeable(form))
            return form
        if _is_text(name):
            text = self._decode(raw, _TEXT_CODECS[_charset(content_type)])
            return self._judge(media.schema, media.shape.read_text(text))
        return raw

    def _parse_form(self, raw: bytes, content_type: str, form: FormBody) -> dict[str, Any]:
        try:
            if plain_type(content_type) == FORM:
                return form.read_urlencoded(raw)
            return form.read_multipart(raw, content_type)
        except BadQuery as error:
            raise self._invalid(error.keyword, str(error), error.name) from None

    def _decode(self, raw: bytes, codec: str) -> str:
        try:
            return raw.decode(codec)
        except UnicodeDecodeError:
            raise self._invalid("charset", "is not UTF-8") from None

    def _missing(self) -> Invalid:
        if self._empty_if_missing:
            return Invalid(self._violations(self._media[JSON].schema, {}))
        return self._invalid("required", "is missing")

    def _violations(self, schema: Schema, value: Any) -> list[Violation]:
        empty = isinstance(value, dict) and not schema.knows_any_of(value)
        if empty and "empty" in self._codes:
            return [NOTHING._replace(code=self._codes["empty"])]
        return [v if v.path else self._coded(v) for v in schema.violations(value)]

    def _declared(self, headers: Mapping[bytes, bytes]) -> str:
        """Return the declared media type, or range of them, for the body."""
        if headers.get(b"content-type") == b"application/json" and JSON in self._media:
            return JSON
        content_type = _content_type(headers)
        name = plain_type(content_type)
        declared = name if name in self._media else best_range(self._media, name)
        if declared is None:
            known = " or ".join(self._media)
            raise self._invalid("mediaType", f"must have Content-Type {known}")
        if _charset(content_type) not in (_TEXT_CODECS if _is_text(name) else _CODECS):
            raise self._invalid("charset", "must be UTF-8")
        return declared

    def _parse(self, raw: bytes) -> Any:
        try:
            value = json_text.read_json(raw)
            repeated = json_text.repeated_key(raw, value) if self._unique_keys else None
        except json_text.Unreadable as error:
            raise self._invalid(error.keyword, str(error)) from None
        if repeated is not None:
            raise self._invalid("duplicate", "is given twice", repeated)
        return value

    def _invalid(self, keyword: str, message: str, name: str = "") -> Invalid:
        path = (name,) if name else ()
        return Invalid([Violation("body", name, keyword, self._codes.get(keyword), message, path)])

    def _coded(self, violation: Violation) -> Violation:
        """Give a violation of the body as a whole the operation's own code for its keyword."""
        return violation._replace(code=self._codes.get(violation.keyword, violation.code))


def _content_type(headers: Mapping[bytes, bytes]) -> str:
    return headers.get(b"content-type", _UNKNOWN).decode("latin-1")


def _charset(content_type: str) -> str:
    return type_parameters(content_type).get("charset", "utf-8").lower()


def _is_form(raw: bytes, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether the body is a form by its type, and no JSON by its text."""
    if plain_type(_content_type(headers)) != FORM:
        return False
    try:
        json_text.read_json(raw)
    except json_text.Unreadable:
        return True
    return False


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") and not is_json(media_type) and not is_xml(media_type)
