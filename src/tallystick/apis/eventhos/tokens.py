"""JSON Web Tokens of clients and people."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from tallystick import randomness
from tallystick.apis.eventhos import signatures
from tallystick.clock import Clock
from tallystick.contract.exceptions import Unauthenticated, Unavailable

SHORT_LIVE_S = 24 * 60 * 60
MAX_LENGTH = 4096
"""The limit of a token's length in characters; those of this service have some 250."""

REMEMBERED = 10_000
"""The number of tokens whose verified signature is cached."""

_JTI_BYTES = 9

LOST = "The key that signs tokens can't be opened."

CLIENT = "client"
PERSON = "user"


def digest(secret: str) -> str:
    """Return the stored form of a token or a client's secret.

    A fast hash is enough: both are made here from at least 256 random bits, or signed. The bcrypt
    of the real server leaves it 26 requests a second (docs/decisions/eventhos.md).
    """
    # JSON may hold half surrogate pairs, which UTF-8 can't encode.
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


class Claims(NamedTuple):
    """The content of a token with a valid signature."""

    subject: str
    """The id of a client or a person."""

    identifier: str
    is_client: bool
    expires: int | None
    """Seconds since the epoch; None for a long-live token."""

    digest: str


class EventhosTokens:
    """An issuer of tokens, which also verifies its own."""

    def __init__(self, key: bytes | None, clock: Clock) -> None:
        """Without a `key`, as it can't be decrypted, every call raises `Unavailable`."""
        self._given_key = key
        self._clock = clock
        self._verified: OrderedDict[str, Claims] = OrderedDict()

    def issue(self, client_id: str, identifier: str, issued: int, expires: int | None) -> str:
        """Sign a client's token; times are in seconds since the epoch, None for a long-live one."""
        return self._signed(CLIENT, client_id, identifier, {"iat": issued, "exp": expires})

    def issue_short_live(self, client_id: str, identifier: str) -> str:
        """Sign a client's token with a lifetime of `SHORT_LIVE_S`."""
        now = self._now()
        return self.issue(client_id, identifier, now, now + SHORT_LIVE_S)

    def issue_long_live(self, client_id: str, identifier: str) -> str:
        """Sign a client's token without an expiry, different from all others of the same second."""
        more = {"iat": self._now(), "jti": randomness.token_urlsafe(_JTI_BYTES)}
        return self._signed(CLIENT, client_id, identifier, more)

    def issue_for_person(self, id_: str, username: str) -> str:
        """Sign a person's token with a lifetime of `SHORT_LIVE_S`."""
        now = self._now()
        return self._signed(PERSON, id_, username, {"iat": now, "exp": now + SHORT_LIVE_S})

    def _signed(self, kind: str, id_: str, identifier: str, more: dict[str, Any]) -> str:
        subject = {"id": id_, "subjectType": kind, "identifier": identifier}
        given = {name: value for name, value in more.items() if value is not None}
        return signatures.sign({"data": subject, **given}, self._key)

    def claims(self, token: str) -> Claims:
        """Return the content of a valid token; raise `Unauthenticated` for other texts."""
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
        return _claims(signatures.read_signed(token, self._key), digest(token))

    @property
    def _key(self) -> bytes:
        if self._given_key is None:
            raise Unavailable(LOST)
        return self._given_key

    def _now(self) -> int:
        return self._clock.now_ms() // 1000


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
