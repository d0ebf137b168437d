"""Who is calling: the credentials of one operation, found where the contract says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.request import Request

TokenInfo = Mapping[str, Any]
Credential = Callable[..., TokenInfo | Awaitable[TokenInfo]]
"""``f(secret, required_scopes)``: who that is; raises a `Problem` if nobody."""

Scoped = tuple[Credential, Sequence[str]]
"""A function and the scopes that an operation asks of it."""

CREDENTIAL = "x-credential"
"""Where the loader puts a scheme's function."""

SIGNED = "x-signs-request"
"""On a scheme: its function is also handed the `Request`, because the credential signs it."""


class Security:
    """Asks one operation's schemes in turn; the first whose credential was sent decides."""

    def __init__(
        self, operation: Mapping[str, Any], schemes: Mapping[str, Mapping[str, Any]]
    ) -> None:
        self._headers: list[tuple[bytes, bool, Scoped]] = []
        self._queries: list[tuple[str, Scoped]] = []
        challenges = []
        security = operation.get("security", ())
        for requirement in security:
            if len(requirement) != 1:
                raise ContractError("a security requirement must name one scheme")
            [(name, scopes)] = requirement.items()
            scheme = schemes.get(name)
            if scheme is None:
                raise ContractError(f"security scheme {name} is not defined")
            if CREDENTIAL not in scheme:
                raise ContractError(f"security scheme {name} has no function")
            self._add(scheme, (scheme[CREDENTIAL], tuple(scopes)))
            challenges.append(scheme.get("x-challenge"))
        self.is_open = not challenges
        self.signs_request = any(schemes[n].get(SIGNED) for r in security for n in r)
        """A credential that may be asked for signs the whole request, which is read first."""
        self.challenge = ", ".join(dict.fromkeys(filter(None, challenges)))
        """The ``WWW-Authenticate`` header of a 401; empty where the API has none."""

    def _add(self, scheme: Mapping[str, Any], credential: Scoped) -> None:
        kind = (scheme["type"], scheme.get("in") or scheme.get("scheme"))
        if kind == ("http", "bearer"):
            self._headers.append((b"authorization", True, credential))
        elif kind == ("apiKey", "header"):
            self._headers.append((scheme["name"].lower().encode(), False, credential))
        elif kind == ("apiKey", "query"):
            self._queries.append((scheme["name"], credential))
        else:
            raise ContractError(f"a security scheme of type {kind} is not supported")

    def authenticate(
        self, headers: Mapping[bytes, bytes], query: bytes, signed: Request | None = None
    ) -> TokenInfo | Awaitable[TokenInfo]:
        """Who is calling; raises `Unauthenticated` or what the credential's function raises."""
        (credential, scopes), secret = self._sent(headers, query)
        return credential(secret, scopes, signed) if signed else credential(secret, scopes)

    def has_credential(self, headers: Mapping[bytes, bytes], query: bytes) -> bool:
        """Whether a credential was sent, be it a good one or not."""
        try:
            self._sent(headers, query)
        except Unauthenticated:
            return False
        return True

    def _sent(self, headers: Mapping[bytes, bytes], query: bytes) -> tuple[Scoped, str]:
        for name, bearer, credential in self._headers:
            value = headers.get(name)
            if value is None:
                continue
            if not bearer:
                return credential, value.decode("latin-1")
            scheme, _, token = value.decode("latin-1").partition(" ")
            if scheme.lower() == "bearer":
                return credential, token.strip()
        if self._queries and query:
            # Whether the query is well-formed is judged later, after the caller is known.
            values = dict(reversed(parse_qsl(query.decode("latin-1"), errors="replace")))
            for parameter, credential in self._queries:
                if parameter in values:
                    return credential, values[parameter]
        raise Unauthenticated(missing=True)
