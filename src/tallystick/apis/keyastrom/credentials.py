"""Who is calling: access tokens, in the header or in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tallystick.apis.keys import ApiKeys
from tallystick.contract.exceptions import Forbidden, Unauthenticated

API = "keyastrom"
_SCHEME = "api-token"


class AccessTokens:
    """Finds the key that a token stands for, and asks its scopes."""

    def __init__(self, keys: ApiKeys) -> None:
        self._keys = keys

    def authenticate_header(
        self, value: str, required_scopes: Sequence[str]
    ) -> Mapping[str, object]:
        """The caller who sent ``Api-Token <token>`` as `Authorization`."""
        scheme, _, token = value.strip().partition(" ")
        if scheme.casefold() != _SCHEME:
            raise Unauthenticated
        return self.authenticate_query(token.strip(), required_scopes)

    def authenticate_query(
        self, token: str, required_scopes: Sequence[str]
    ) -> Mapping[str, object]:
        """The caller who sent the token alone; he needs one of the scopes."""
        key = self._keys.get_key(API, token)
        if key is None:
            raise Unauthenticated
        if required_scopes and key.scopes.isdisjoint(required_scopes):
            raise Forbidden(scopes=required_scopes)
        return {"sub": key.id, "scopes": key.scopes}
