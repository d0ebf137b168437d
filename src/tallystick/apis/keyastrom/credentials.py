"""Access tokens of callers, in the header or in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tallystick.apis.keys import ALL_SCOPES, ApiKeys
from tallystick.contract.document import read_api
from tallystick.contract.exceptions import NotFound, Unauthenticated
from tallystick.times import format_ms

API = "keyastrom"
_SCHEME = "api-token"
_SCOPES = read_api(API).scopes


class AccessTokens:
    """Authenticates tokens, wherever a request carries them."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    def authenticate_header(
        self, value: str, required_scopes: Sequence[str]
    ) -> Mapping[str, object]:
        """Return the caller of the header `Authorization`: ``Api-Token <token>``."""
        scheme, _, token = value.strip().partition(" ")
        if scheme.casefold() != _SCHEME:
            raise Unauthenticated
        return self.authenticate_secret(token.strip(), required_scopes)

    def authenticate_secret(
        self, token: str, required_scopes: Sequence[str]
    ) -> Mapping[str, object]:
        """Return the caller of this token; raise `Forbidden` unless it has one of the scopes."""
        key = self._keys.authenticate(API, token, required_scopes)
        return {"sub": key.id, "name": key.name}

    def describe_token(self, token: str) -> dict[str, Any]:
        """Return name, scopes and dates of a token; raise `NotFound`."""
        key = self._keys.get_key(API, token)
        if key is None:
            raise NotFound
        dates = {
            "creationDate": key.created,
            "expirationDate": key.expires,
            "lastUsedDate": key.used,
        }
        return {
            "id": key.id,
            "name": key.name,
            "enabled": True,
            "scopes": sorted(_SCOPES if ALL_SCOPES in key.scopes else key.scopes),
            **{name: format_ms(ms) for name, ms in dates.items() if ms is not None},
        }


def describe_scope(scope: str) -> str:
    """Return a scope in the words of the vendor's refusals: ``events.ingest (Ingest events)``."""
    return f"{scope} ({_SCOPES[scope]})"
