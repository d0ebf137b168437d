"""Authenticates the caller of one operation by the schemes in the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Unauthenticated
from tallystick.contract.request import Request

TokenInfo = Mapping[str, Any]
Credential = Callable[..., TokenInfo | Awaitable[TokenInfo]]
"""``f(secret, required_scopes)`` returns the caller; it raises a `Problem` for a bad secret."""

Scoped = tuple[Credential, Sequence[str]]
"""A credential's function with the operation's required scopes."""

CREDENTIAL = "x-credential"
"""The key of a scheme's function, put there by `binding.bind`."""

SIGNED = "x-signs-request"
"""Marks a scheme whose credential signs the request: its function gets the `Request` as well."""


class Security:
    """The security schemes of one operation; the first with a credential in the request decides."""

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
        """True if a credential may sign the whole request, so the body is read first."""
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
        """Return the caller; raise `Unauthenticated`, or a `Problem` of the credential's function.

        The result is awaitable if the function is asynchronous.
        """
        (credential, scopes), secret = self._sent(headers, query)
        return credential(secret, scopes, signed) if signed else credential(secret, scopes)

    def has_credential(self, headers: Mapping[bytes, bytes], query: bytes) -> bool:
        """Return whether the request has a credential, valid or not."""
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
            # RFC 9110, section 11.1: the scheme's case does not matter.
            if scheme.lower() == "bearer":
                return credential, token.strip()
        if self._queries and query:
            # Whether the query is well-formed is judged later, after the caller is known.
            values = dict(reversed(parse_qsl(query.decode("latin-1"), errors="replace")))
            for parameter, credential in self._queries:
                if parameter in values:
                    return credential, values[parameter]
        raise Unauthenticated(missing=True)
