"""Signatures of tokens: JSON Web Signatures in compact form by HS256 (RFC 7515, appendix A.1)."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.contract.exceptions import Unauthenticated


def sign(claims: Mapping[str, Any], key: bytes) -> str:
    """Return a token with these claims."""
    signed = _HEADER + b"." + _base64(orjson.dumps({**claims}))
    return (signed + b"." + _signature(signed, key)).decode()


def read_signed(token: str, key: bytes) -> Any:
    """Return the claims of a token that the key signed; raise `Unauthenticated` for other texts."""
    signed, _, signature = token.encode().rpartition(b".")
    # Compared as text: the last character has unused bits (RFC 4648, section 3.5), so that an
    # altered one could mean the same bytes.
    if not hmac.compare_digest(signature, _signature(signed, key)):
        raise Unauthenticated
    try:
        header, claims = (
            orjson.loads(urlsafe_b64decode(part + b"==")) for part in signed.split(b".")
        )
    except ValueError:
        raise Unauthenticated from None
    match header:
        case {"alg": "HS256", **others} if "crit" not in others:
            return claims
    raise Unauthenticated


def _signature(signed: bytes, key: bytes) -> bytes:
    return _base64(hmac.digest(key, signed, "sha256"))


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


_HEADER = _base64(b'{"alg":"HS256","typ":"JWT"}')
