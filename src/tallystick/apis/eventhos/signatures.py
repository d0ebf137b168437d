"""Signatures of tokens by PyJWT, which takes 15 ms to load: the first token imports this module."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import jwt
import orjson
from jwt.utils import base64url_decode

from tallystick.contract.exceptions import Unauthenticated

_ALGORITHM = "HS256"
_SIGNATURES = jwt.PyJWS(algorithms=[_ALGORITHM])


def sign(claims: Mapping[str, Any], key: bytes) -> str:
    """Return a token with these claims."""
    return jwt.encode({**claims}, key, _ALGORITHM)


def read_signed(token: str, key: bytes) -> Any:
    """Return the claims of a token that the key signed; raise `Unauthenticated` for other texts."""
    try:
        claims = orjson.loads(_SIGNATURES.decode(token, key, [_ALGORITHM]))
        _refuse_other_spelling(token)
    except (jwt.InvalidTokenError, ValueError):
        raise Unauthenticated from None
    return claims


def _refuse_other_spelling(token: str) -> None:
    # The last character of Base64 may have unused bits (RFC 4648, section 3.5): a signature could
    # be altered and still be valid.
    signature = token.rpartition(".")[2]
    if urlsafe_b64encode(base64url_decode(signature)).decode().rstrip("=") != signature:
        raise Unauthenticated
