"""Keys of further pages: the whole query and where the page before ended, in one signed text."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import blake2b
from hmac import compare_digest
from typing import Any

from sqlalchemy import Connection, select

from tallystick.apis.keyastrom.tables import page_keys
from tallystick.randomness import token_hex
from tallystick.store.sql import insert_new

_DIGEST = 16
_ONLY = 1


class BadPageKey(Exception):
    """The key comes from elsewhere, or from an earlier version."""


class PageKeys:
    """Makes and reads keys; every process over one database reads all of them."""

    def __init__(self, secret: str) -> None:
        self._secret = bytes.fromhex(secret)

    def key(self, of: str, content: Mapping[str, Any]) -> str:
        """Return the key of a further page; `of` names the list."""
        text = json.dumps(content, separators=(",", ":")).encode()
        return urlsafe_b64encode(self._digest(of, text) + text).rstrip(b"=").decode()

    def content(self, of: str, key: str) -> dict[str, Any]:
        """Return the content of a key; raise `BadPageKey` of a foreign one."""
        try:
            raw = urlsafe_b64decode(key.encode("ascii") + b"=" * (-len(key) % 4))
        except ValueError:
            raise BadPageKey from None
        digest, text = raw[:_DIGEST], raw[_DIGEST:]
        if not compare_digest(digest, self._digest(of, text)):
            raise BadPageKey
        return json.loads(text)  # type: ignore[no-any-return]  # `key` made it of an object

    def _digest(self, of: str, text: bytes) -> bytes:
        return blake2b(text, digest_size=_DIGEST, key=self._secret, person=of.encode()).digest()


def create_page_secret(connection: Connection) -> str:
    """Return the secret for signing keys; make it once."""
    new = {"id": _ONLY, "secret": token_hex(32)}
    connection.execute(insert_new(connection, page_keys), [new])
    kept: str = connection.execute(select(page_keys.c.secret)).scalar_one()
    return kept
