"""Reads and validates the request body of one operation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from tallystick.contract import json_text
from tallystick.contract.content_encoding import NotPacked, unpack_body
from tallystick.contract.exceptions import NOTHING, Invalid, TooLarge, Violation
from tallystick.contract.schema import Schema, to_json_schema

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

JSON = "application/json"
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})


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


class RequestBody:
    """A validator for the bodies of one operation."""

    def __init__(
        self, operation: Mapping[str, Any], definitions: Mapping[str, Any], codes: Mapping[str, str]
    ) -> None:
        declared = operation["requestBody"]
        self._codes = codes
        self._required = declared.get("required", False)
        self._lenient = operation.get("x-lenient-content-type", False)
        self._empty_if_missing = operation.get("x-missing-body-is-empty", False)
        self._unique_keys = operation.get("x-unique-keys", False)
        self._schemas = {
            media_type: Schema(to_json_schema(media["schema"]), definitions)
            for media_type, media in declared["content"].items()
        }

    def unpack(self, raw: bytes, encoding: bytes, limit: int) -> bytes:
        """Return the body without its content encoding.

        Raises `TooLarge`, `UnknownEncoding`, or `Invalid` for broken gzip.
        """
        try:
            return unpack_body(raw, encoding, limit)
        except NotPacked:
            raise self._invalid("syntax", "is not gzip, or not all of it") from None

    def read_value(self, raw: bytes, headers: Mapping[bytes, bytes]) -> Any:
        """Return the value of a JSON body, or the bytes of a body of another media type.

        An empty body is None where the contract makes it optional. Raises `Invalid`.
        """
        if not raw:
            if self._required:
                raise self._missing()
            return None
        media_type = JSON if self._lenient else self._media_type(headers)
        schema = self._schemas[media_type]
        if media_type != JSON:
            return raw
        value = self._parse(raw)
        if not schema.accepts_all and not schema.is_valid(value):
            raise Invalid(self._violations(schema, value))
        return value

    def _missing(self) -> Invalid:
        if self._empty_if_missing:
            return Invalid(self._violations(self._schemas[JSON], {}))
        return self._invalid("required", "is missing")

    def _violations(self, schema: Schema, value: Any) -> list[Violation]:
        empty = isinstance(value, dict) and not schema.knows_any_of(value)
        if empty and "empty" in self._codes:
            return [NOTHING._replace(code=self._codes["empty"])]
        return [v if v.path else self._coded(v) for v in schema.violations(value)]

    def _media_type(self, headers: Mapping[bytes, bytes]) -> str:
        given = headers.get(b"content-type", b"")
        if given == b"application/json" and JSON in self._schemas:
            return JSON
        media_type, _, options = given.decode("latin-1").lower().partition(";")
        media_type = media_type.strip()
        if media_type not in self._schemas:
            known = " or ".join(self._schemas)
            raise self._invalid("mediaType", f"must have Content-Type {known}")
        for option in options.split(";"):
            name, _, value = option.partition("=")
            if name.strip() == "charset" and value.strip().strip('"') not in _CHARSETS:
                raise self._invalid("charset", "must be UTF-8")
        return media_type

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
