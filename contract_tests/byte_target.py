"""A call with an accepted event as bytes, in parts for a test to break."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from . import contract
from .event_calls import EventCall, unique_headers

REFUSED = range(400, 500)
ANY = range(200, 500)
"""The server may accept or refuse the request, but must not fail."""
_JOINED = {"allOf", "anyOf", "oneOf", "not", "enum"}
"""Keywords of schemas whose statuses are not told from here."""
MARK = "Bytes"
_CONFLICT = {"409", "4XX", "default"}
_OF_BODY = ("content-type", "cookie")
"""Headers that a case has in its own way, or with its credential."""


@dataclass(frozen=True, slots=True)
class ByteTarget:
    """A call with an accepted event, in parts for a test to break."""

    call: EventCall

    @property
    def method(self) -> str:
        """Return the method."""
        return self.call.request.method

    @property
    def path(self) -> str:
        """Return the path as sent."""
        return self.call.request.target.partition("?")[0]

    @property
    def query(self) -> str:
        """Return the query as sent; empty without one."""
        return self.call.marked(MARK).target.partition("?")[2]

    @property
    def body(self) -> bytes:
        """Return the JSON body; empty without one."""
        return self.call.marked(MARK).body or b""

    @property
    def headers(self) -> list[str]:
        """Return the lines of the headers that the call must have, but for those of its body."""
        headers = unique_headers(self.call.request.headers)
        return [f"{name}: {value}" for name, value in headers if name.lower() not in _OF_BODY]

    @property
    def content(self) -> Mapping[str, Any]:
        """Return the operation's content in the contract."""
        paths = contract.document(self.call.api)["paths"]
        found: Mapping[str, Any] = paths[self.call.operation.path][self.method.lower()]
        return found

    @property
    def is_lenient(self) -> bool:
        """Return whether the contract has no word on JSON beyond its schemas, as without codes."""
        return not contract.codes(self.call.api)

    @property
    def taken(self) -> Sequence[int]:
        """Return the statuses for an accepted request, which may be one too many of its kind."""
        statuses = [
            int(each) for each in self.content["responses"] if each[0] == "2" and each.isdecimal()
        ]
        if self.is_lenient and not _CONFLICT.isdisjoint(self.content["responses"]):
            statuses.append(409)
        return statuses or range(200, 300)

    @property
    def moved(self) -> Sequence[int]:
        """Return the statuses that lead to another path; a contract with codes has none."""
        return (301, 307, 308) if self.is_lenient else ()

    @property
    def too_large(self) -> Sequence[int]:
        """Return the statuses for 2 MB: a contract without a 413 has no limit to judge by."""
        if "413" not in self.content["responses"]:
            return [*ANY]
        return (*self.taken, 413) if self.is_lenient else (413,)

    @property
    def no_json(self) -> Sequence[int]:
        """Return the statuses for what parsers may take beside JSON, such as NaN or UTF-16."""
        return ANY if self.is_lenient else REFUSED

    @property
    def no_body(self) -> Sequence[int]:
        """Return the statuses for a call without a body: refused if one is required."""
        body = contract.resolve(self.call.api, self.content.get("requestBody", {}))
        return REFUSED if body.get("required") else ANY

    @property
    def schema(self) -> Mapping[str, Any]:
        """Return the schema of the body."""
        body = contract.resolve(self.call.api, self.content.get("requestBody", {}))
        return contract.resolve(
            self.call.api, body["content"]["application/json"].get("schema", {})
        )

    @property
    def any_json(self) -> Sequence[int]:
        """Return the statuses for JSON other than an event: accepted if the schema has no rule."""
        if _JOINED & set(self.schema):
            return ANY
        return REFUSED if "type" in self.schema else self.taken

    @property
    def any_object(self) -> Sequence[int]:
        """Return the statuses for an object of other members: refused if any is required."""
        is_open = self.schema.get("type") == "object" and not self.schema.get("required")
        return ANY if is_open else self.any_json

    @property
    def any_type(self) -> Sequence[int]:
        """Return the statuses for JSON with another content type: refused unless read leniently."""
        lenient = self.content.get("x-lenient-content-type") or self.is_lenient
        return ANY if lenient else REFUSED

    @property
    def no_json_type(self) -> Sequence[int]:
        """Return the statuses for JSON that is called XML: a declared 415 is for this."""
        body = contract.resolve(self.call.api, self.content.get("requestBody", {}))
        if len(body["content"]) > 1:
            return ANY
        return (415,) if "415" in self.content["responses"] else self.any_type

    def with_x(self, value: bytes) -> bytes:
        """Return the body with one more member, undeclared in the contract."""
        return self.body[:-1] + b',"x":' + value + b"}"


def post_of(target: ByteTarget, body: bytes, *headers: str) -> bytes:
    """Return a request with a body, as JSON unless the headers say otherwise."""
    head = head_of(target, *(headers or ("Content-Type: application/json",)))
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def head_of(target: ByteTarget, *headers: str) -> bytes:
    """Return the lines of a request up to those of its body."""
    query = f"?{target.query}" if target.query else ""
    lines = [f"{target.method} {target.path}{query} HTTP/1.1", "Host: x", "@CREDENTIAL@"]
    lines += target.headers
    lines += [*(header for header in headers if header), "Connection: close"]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")


def whole_of(
    target: ByteTarget, method: str, *headers: bytes, key: bytes = b"@CREDENTIAL@"
) -> bytes:
    """Return a request with the target's body, if it has one, and with other headers."""
    query = f"?{target.query}" if target.query else ""
    lines = [f"{method} {target.path}{query} HTTP/1.1".encode(), b"Host: x", *headers, key]
    lines += [each.encode("latin-1") for each in target.headers]
    if target.body:
        lines += [b"Content-Type: application/json", b"Content-Length: %d" % len(target.body)]
    head = b"".join(line + b"\r\n" for line in [*lines, b"Connection: close"])
    return head + b"\r\n" + target.body
