"""Authenticates the caller of one operation by the schemes in the contract."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Forbidden, Unauthenticated
from tallystick.contract.request import Request
from tallystick.contract.security_schemes import Find, challenge, finder

TokenInfo = Mapping[str, Any]
Credential = Callable[..., TokenInfo | Awaitable[TokenInfo]]
"""``f(secret, required_scopes)`` returns the caller; it raises a `Problem` for a bad secret."""

CREDENTIAL = "x-credential"
"""The key of a scheme's function, put there by `binding.bind`."""

SIGNED = "x-signs-request"
"""Marks a scheme whose credential signs the request: its function gets the `Request` as well."""

WRITE_HEADER = "x-write-header"
"""On a scheme: ``{name: value}``, a header that a call with an effect sends beside the secret.

A browser sends a cookie with any page's form by itself, but this header only for our own pages.
"""


class _Need(NamedTuple):
    """A scheme of a requirement."""

    name: str
    find: Find
    credential: Credential | None
    """None where the scheme's secret is not judged: a certificate, which the connection has."""
    scopes: Sequence[str]
    signs: bool
    guards: Mapping[str, str]
    """The headers that the call needs beside the secret."""

    def refuse_forged(self, headers: Mapping[bytes, bytes]) -> None:
        """Raise `Forbidden` for a call without the scheme's header."""
        for name, value in self.guards.items():
            if headers.get(name.lower().encode()) != value.encode():
                raise Forbidden(f"A change by cookie needs the header {name}: {value}.")

    def ask(self, secret: str, signed: Request | None) -> TokenInfo | Awaitable[TokenInfo]:
        """Return who that is."""
        if self.credential is None:
            return {}
        if self.signs:
            return self.credential(secret, self.scopes, signed)
        return self.credential(secret, self.scopes)


class Security:
    """The credentials of one operation; the first requirement whose credentials were sent decides.

    Those that only look at the query come last. An empty requirement lets everybody in who sent
    no credential.
    """

    def __init__(
        self,
        operation: Mapping[str, Any],
        schemes: Mapping[str, Mapping[str, Any]],
        *,
        has_effect: bool = False,
    ) -> None:
        security = operation.get("security", ())
        self._is_optional = any(not requirement for requirement in security)
        self._requirements = sorted(
            (
                [_need(schemes, *each, has_effect=has_effect) for each in needs.items()]
                for needs in security
                if needs
            ),
            key=lambda needs: any(schemes[need.name].get("in") == "query" for need in needs),
        )
        self._only = None if self._is_optional else _plain(self._requirements)
        self.is_open = not self._requirements
        self.signs_request = any(need.signs for needs in self._requirements for need in needs)
        """A credential that may be asked for signs the whole request, which is read first."""
        self.is_guarded = any(need.guards for needs in self._requirements for need in needs)
        """A credential that may be asked for needs a header beside it."""
        challenges = [challenge(name, schemes[name]) for needs in security for name in needs]
        self.challenge = ", ".join(dict.fromkeys(filter(None, challenges)))
        """The ``WWW-Authenticate`` header of a 401; empty where the API has none."""

    def authenticate(
        self, headers: Mapping[bytes, bytes], query: bytes, signed: Request | None = None
    ) -> TokenInfo | Awaitable[TokenInfo]:
        """Return who is calling; raise `Unauthenticated` or the error of a credential's function.

        Of a requirement with several schemes it is a mapping: scheme → who that is.
        """
        if self._only is not None:
            find, credential, scopes = self._only
            secret = find(headers, query)
            if secret is None:
                raise Unauthenticated(missing=True)
            return credential(secret, scopes)
        if self.is_guarded:
            self.refuse_forged(headers, query)
        return self._ask(self._sent(headers, query), signed)

    def refuse_forged(self, headers: Mapping[bytes, bytes], query: bytes) -> None:
        """Raise `Forbidden` for a credential without the header that its scheme needs beside it."""
        for need, _ in self._sent(headers, query):
            need.refuse_forged(headers)

    def has_credential(self, headers: Mapping[bytes, bytes], query: bytes) -> bool:
        """Return whether the request has a credential, valid or not."""
        try:
            self._sent(headers, query)
        except Unauthenticated as problem:
            return not problem.missing
        return True

    def _sent(self, headers: Mapping[bytes, bytes], query: bytes) -> Sequence[tuple[_Need, str]]:
        """Return the needs of the first requirement that were all sent, each with its secret."""
        for needs in self._requirements:
            secrets = [need.find(headers, query) for need in needs]
            sent = [
                (n, secret) for n, secret in zip(needs, secrets, strict=True) if secret is not None
            ]
            if len(sent) == len(needs):
                return sent
        if self._is_optional:
            return ()
        raise Unauthenticated(missing=True)

    def _ask(
        self, sent: Sequence[tuple[_Need, str]], signed: Request | None
    ) -> TokenInfo | Awaitable[TokenInfo]:
        if len(sent) == 1:
            [(need, secret)] = sent
            return need.ask(secret, signed)
        return _ask_all(sent, signed)


def _plain(
    requirements: Sequence[Sequence[_Need]],
) -> tuple[Find, Credential, Sequence[str]] | None:
    """Return the one scheme that most operations ask for, whose secret alone is judged."""
    needs = [need for requirement in requirements for need in requirement]
    if len(needs) != 1 or needs[0].signs or needs[0].guards or needs[0].credential is None:
        return None
    return needs[0].find, needs[0].credential, needs[0].scopes


async def _ask_all(
    sent: Sequence[tuple[_Need, str]], signed: Request | None
) -> dict[str, TokenInfo]:
    found = {}
    for need, secret in sent:
        caller = need.ask(secret, signed)
        found[need.name] = await caller if isinstance(caller, Awaitable) else caller
    return found


def _need(
    schemes: Mapping[str, Mapping[str, Any]], name: str, scopes: Sequence[str], *, has_effect: bool
) -> _Need:
    scheme = schemes.get(name)
    if scheme is None:
        raise ContractError(f"security scheme {name} is not defined")
    find = finder(scheme)
    if CREDENTIAL not in scheme and scheme["type"] != "mutualTLS":
        raise ContractError(f"security scheme {name} has no function")
    signs = bool(scheme.get(SIGNED))
    guards = scheme.get(WRITE_HEADER, {}) if has_effect else {}
    return _Need(name, find, scheme.get(CREDENTIAL), tuple(scopes), signs, guards)
