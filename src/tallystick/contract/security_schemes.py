"""Where a security scheme's secret stands in a request, and how a caller is asked for it."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from tallystick.contract.cookies import read_cookies
from tallystick.contract.document import ContractError
from tallystick.contract.exceptions import Unauthenticated

Find = Callable[[Mapping[bytes, bytes], bytes], str | None]
"""``f(headers, query)``: the secret; None if none was sent."""

ANY_CASE = "x-any-case"
"""On a scheme in the query: its parameter, in small letters, may be written in any letter case."""

GATEWAY = "gateway"
"""The API whose keys the gateway's calls take in every document."""

_AUTHORIZATION = b"authorization"
_BEARER = ("oauth2", "openIdConnect")


def finder(scheme: Mapping[str, Any]) -> Find:
    """Return what finds the secret of a scheme in a request."""
    kind = scheme.get("type")
    if kind == "apiKey":
        return _key_finder(scheme)
    if kind == "mutualTLS":
        return lambda _headers, _query: ""
    word = http_word(scheme)
    if word is None:
        raise ContractError(f"a security scheme of type {kind} is not supported")
    return _basic_finder() if word == "basic" else _word_finder(word)


def challenge(name: str, scheme: Mapping[str, Any]) -> str | None:
    """Return what a 401 asks for: the scheme's ``x-challenge``, else HTTP's own word and a realm.

    A key has no word of HTTP's. The realm is the API, whose name stands before the scheme's own.
    """
    word = http_word(scheme)
    given: str | None = scheme.get("x-challenge")
    api = name.partition(".")[0]
    return given or (f'{word.capitalize()} realm="{api}"' if word else None)


def key_variable(api: str, scheme: str = "") -> str:
    """Return the environment variable with the key in samples of an API's calls."""
    # The gateway's calls of other APIs take its own key.
    owner = GATEWAY if scheme.startswith(GATEWAY) else api
    return f"{owner.upper()}_KEY"


def http_word(scheme: Mapping[str, Any]) -> str | None:
    """Return the lower-case first word of the scheme's Authorization header, if it is HTTP's."""
    if scheme.get("type") in _BEARER:
        return "bearer"
    word: str = scheme.get("scheme", "") if scheme.get("type") == "http" else ""
    return word.lower() or None


def _key_finder(scheme: Mapping[str, Any]) -> Find:
    name, where = scheme["name"], scheme["in"]
    if where == "header":
        return _header_finder(name.lower().encode())
    if where == "query":
        return _query_finder(name, any_case=bool(scheme.get(ANY_CASE)))
    if where == "cookie":
        return lambda headers, _query: read_cookies(headers).get(name)
    raise ContractError(f"a key in {where} is not supported")


def _header_finder(name: bytes) -> Find:
    def find(headers: Mapping[bytes, bytes], _query: bytes) -> str | None:
        value = headers.get(name)
        return None if value is None else value.decode("latin-1")

    return find


def _query_finder(name: str, any_case: bool) -> Find:
    def find(_headers: Mapping[bytes, bytes], query: bytes) -> str | None:
        # Whether the query is well-formed is judged later, after the caller is known.
        fields = parse_qsl(query.decode("latin-1"), errors="replace") if query else ()
        for key, value in fields:
            if key == name or (any_case and key.casefold() == name):
                return value
        return None

    return find


def _word_finder(word: str) -> Find:
    def find(headers: Mapping[bytes, bytes], _query: bytes) -> str | None:
        value = headers.get(_AUTHORIZATION)
        if value is None:
            return None
        given, _, secret = value.decode("latin-1").partition(" ")
        return secret.strip() if given.lower() == word else None

    return find


def _basic_finder() -> Find:
    encoded = _word_finder("basic")

    def find(headers: Mapping[bytes, bytes], query: bytes) -> str | None:
        secret = encoded(headers, query)
        return None if secret is None else _decoded(secret)

    return find


def _decoded(secret: str) -> str:
    """User and password; an `Unauthenticated` says that they can't be read."""
    try:
        decoded = b64decode(secret, validate=True).decode()
    except (Error, ValueError):
        raise Unauthenticated("The Basic credential is not base64 of UTF-8.") from None
    if ":" not in decoded:
        raise Unauthenticated("The Basic credential has no colon.")
    return decoded
