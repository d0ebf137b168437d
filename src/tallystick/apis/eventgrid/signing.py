"""Signed requests, as the vendor's SDKs sign them: SDK-HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.request import Request

ALGORITHM = "SDK-HMAC-SHA256"
WINDOW = timedelta(minutes=15)
"""How far the request's date may be from ours."""

_DATE = "x-sdk-date"
_CONTENT = b"x-sdk-content-sha256"
# Names of headers are tokens of RFC 9110; every client of the vendor signs them in small letters.
_NAME = r"[a-z0-9!#$%&'*+.^_`|~-]+"
_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} Access=(?P<access>[^,\s]+), ?SignedHeaders=(?P<headers>{_NAME}(?:;{_NAME})*), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
# SDK-HMAC-SM3, SDK-ECDSA-P256-SHA256, SDK-SM2-SM3 and V11-HMAC-SHA256 are in the vendor's SDKs too.
_ALGORITHM = re.compile(r"(?:SDK|V\d+)-[A-Z0-9-]+(?= |$)")


class BadSignature(Unauthenticated):
    """The request is not signed as it must be; the message tells the difference."""


class Signature(NamedTuple):
    """The parts of the ``Authorization`` header of a signed request."""

    access_key: str
    headers: Sequence[str]
    """Names of the signed headers, in the order in which they were signed."""
    digest: str


def is_signature(authorization: str) -> bool:
    """Return whether an ``Authorization`` header is meant as a signature, of any algorithm."""
    return _ALGORITHM.match(authorization) is not None


def read_signature(authorization: str) -> Signature:
    """Return the parts of an ``Authorization`` header.

    Raise `BadSignature`, with the name of an algorithm other than `ALGORITHM`.
    """
    algorithm = _ALGORITHM.match(authorization)
    if algorithm is not None and algorithm[0] != ALGORITHM:
        raise BadSignature(f"the algorithm {algorithm[0]} is unknown: sign with {ALGORITHM}")
    found = _AUTHORIZATION.fullmatch(authorization)
    if found is None:
        raise BadSignature(f"the Authorization header is not written as {ALGORITHM} needs it")
    return Signature(found["access"], found["headers"].split(";"), found["signature"])


def verify_signature(
    request: Request, signature: Signature, secret_key: str, now: datetime
) -> None:
    """Return if the key has signed this very request, and lately; raise `BadSignature`."""
    if _DATE not in signature.headers:
        raise BadSignature(f"the header {_DATE} must be signed")
    date = _header(request, _DATE).decode("latin-1")
    _refuse_old(date, now)
    _refuse_other_body(request)
    canonical = hashlib.sha256(canonical_request(request, signature.headers)).hexdigest()
    to_sign = f"{ALGORITHM}\n{date}\n{canonical}"
    expected = hmac.new(secret_key.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, signature.digest):
        raise BadSignature("the signature does not match the request and the key")


def canonical_request(request: Request, signed_headers: Sequence[str]) -> bytes:
    """Return the signed text: method, path, query, headers and the body's SHA-256."""
    headers = b"".join(b"%b:%b\n" % (n.encode(), _header(request, n)) for n in signed_headers)
    lines = [
        request.method.encode(),
        _path(request.path).encode(),
        _query(request.query).encode(),
        headers,
        ";".join(signed_headers).encode(),
        hashlib.sha256(request.body).hexdigest().encode(),
    ]
    return b"\n".join(lines)


def _path(path: str) -> str:
    encoded = "/".join(quote(step, safe="~") for step in path.split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _query(query: bytes) -> str:
    fields = [field.partition(b"=") for field in query.split(b"&") if field]
    pairs = sorted((unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in fields)
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)


def _header(request: Request, name: str) -> bytes:
    wanted = name.encode()
    values = [value for key, value in request.headers if key == wanted]
    if len(values) != 1:
        raise BadSignature(f"the signed header {name} must be sent once")
    return values[0].strip()


def _refuse_old(date: str, now: datetime) -> None:
    try:
        signed = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise BadSignature("x-sdk-date must be written as 20260131T081530Z") from None
    if abs(now - signed) > WINDOW:
        raise BadSignature("x-sdk-date is more than 15 minutes from now")


def _refuse_other_body(request: Request) -> None:
    """Raise `BadSignature` for a hash of another body; clients may send one along."""
    for key, value in request.headers:
        if key == _CONTENT and value.decode("latin-1") != hashlib.sha256(request.body).hexdigest():
            raise BadSignature("x-sdk-content-sha256 must be the SHA-256 of the body")
