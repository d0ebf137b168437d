"""Tokens: JSON Web Tokens that say which client or person calls."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

import jwt
import orjson
from jwt.utils import base64url_decode

from tallystick import randomness
from tallystick.clock import Clock
from tallystick.contract.exceptions import Unauthenticated, Unavailable

ALGORITHM = "HS256"
SHORT_LIVE_S = 24 * 60 * 60
MAX_LENGTH = 4096
"""Characters; a token of this service has some 250."""

REMEMBERED = 10_000
"""Tokens whose signature need not be verified again."""

_JTI_BYTES = 9

LOST = "The key that signs tokens can't be opened."

CLIENT = "client"
PERSON = "user"


def digest(secret: str) -> str:
    """What is kept of a token or a client's secret.

    A fast hash will do: both are made by the service from at least 256 random bits, or signed.
    """
    # JSON may spell half a surrogate pair, which is no UTF-8.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


class Claims(NamedTuple):
    """What a token with a good signature says."""

    subject: str
    """The id of a client or a person."""

    identifier: str
    is_client: bool
    expires: int | None
    """Seconds since the epoch; None in a long-live token."""

    digest: str


class EventhosTokens:
    """Signs tokens, and knows its own again."""

    def __init__(self, key: bytes | None, clock: Clock) -> None:
        """`key`: None where it is lost; then every token is answered by `Unavailable`."""
        self._given_key = key
        self._clock = clock
        self._signatures = jwt.PyJWS(algorithms=[ALGORITHM])
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def issue(self, client_id: str, identifier: str, issued: int, expires: int | None) -> str:
        """Sign a token of a client; times in seconds since the epoch, None for long-live."""
        return self._signed(CLIENT, client_id, identifier, {"iat": issued, "exp": expires})

    def issue_short_live(self, client_id: str, identifier: str) -> str:
        """Sign a client's token that expires in `SHORT_LIVE_S`."""
        now = self._now()
        return self.issue(client_id, identifier, now, now + SHORT_LIVE_S)

    def issue_long_live(self, client_id: str, identifier: str) -> str:
        """Sign a client's token that does not expire, and is no other's of the same second."""
        more = {"iat": self._now(), "jti": randomness.token_urlsafe(_JTI_BYTES)}
        return self._signed(CLIENT, client_id, identifier, more)

    def issue_for_person(self, id_: str, username: str) -> str:
        """Sign a person's token that expires in `SHORT_LIVE_S`."""
        now = self._now()
        return self._signed(PERSON, id_, username, {"iat": now, "exp": now + SHORT_LIVE_S})

    def _signed(self, kind: str, id_: str, identifier: str, more: dict[str, Any]) -> str:
        subject = {"id": id_, "subjectType": kind, "identifier": identifier}
        given = {name: value for name, value in more.items() if value is not None}
        return jwt.encode({"data": subject, **given}, self._key, ALGORITHM)

    def claims(self, token: str) -> Claims:
        """What a good token says; raises `Unauthenticated` for any other text."""
        claims = self._verified.get(token)
        if claims is None:
            claims = self._verified[token] = self._verify(token)
            if len(self._verified) > REMEMBERED:
                self._verified.popitem(last=False)
        else:
            self._verified.move_to_end(token)
        if claims.expires is not None and claims.expires * 1000 <= self._clock.now_ms():
            del self._verified[token]
            raise Unauthenticated
        return claims

    def _verify(self, token: str) -> Claims:
        if len(token) > MAX_LENGTH or not token.isascii():
            raise Unauthenticated
        try:
            payload = orjson.loads(self._signatures.decode(token, self._key, [ALGORITHM]))
            _refuse_other_spelling(token)
        except (jwt.InvalidTokenError, ValueError):
            raise Unauthenticated from None
        return _claims(payload, digest(token))

    @property
    def _key(self) -> bytes:
        if self._given_key is None:
            raise Unavailable(LOST)
        return self._given_key

    def _now(self) -> int:
        return self._clock.now_ms() // 1000


def _refuse_other_spelling(token: str) -> None:
    # Base64 has bits that decode to nothing: a signature could be altered and stay good.
    signature = token.rpartition(".")[2]
    if urlsafe_b64encode(base64url_decode(signature)).decode().rstrip("=") != signature:
        raise Unauthenticated


def _claims(payload: Any, digest_: str) -> Claims:
    match payload:
        case {
            "data": {"id": str(id_), "subjectType": "client" | "user" as kind} as subject,
            **more,
        }:
            name = str(subject.get("identifier"))
            return Claims(id_, name, kind == CLIENT, _expires(more), digest_)
    raise Unauthenticated


def _expires(claims: Mapping[Any, Any]) -> int | None:
    match claims:
        case {"exp": bool()}:
            raise Unauthenticated
        case {"exp": int(expires)}:
            return expires
        case {"exp": _}:
            raise Unauthenticated
    return None
