"""The credentials that vectors name, as one server knows them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from . import strict_yaml
from .client import RecordingClient
from .id_mapping import DEV, IdMapping
from .wire import Unanswered

FILE = Path(__file__).with_name("world.yaml")
JWT_KEY = "the contract tests' own signing key"
"""Given to every server that the suite starts, so that it can sign tokens itself."""

_TOKEN = re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


class NoCredential(Exception):
    """The credential can't be had from this server; it can be given from outside."""


class Credential(NamedTuple):
    """A secret and the header or query parameter that it goes into."""

    place: str
    """``header`` or ``query``."""
    name: str
    secret: str

    @property
    def query(self) -> str:
        """As a field of a query string."""
        return f"{self.name}={quote(self.secret, safe='')}"


class ServerCredentials:
    """Looks credentials up, and gets each token once.

    An API that `known` speaks of has another world than the dev world: of that one, no credential
    is used, and its ids stand for others.
    """

    def __init__(
        self,
        client: RecordingClient,
        printed: str = "",
        own: bool = False,
        given: Mapping[str, str] | None = None,
        known: Mapping[str, IdMapping] | None = None,
    ) -> None:
        self._client = client
        self._printed: list[str] = _TOKEN.findall(printed)
        self._own = own
        self._given = given or {}
        self._known = known or {}
        self._secrets: dict[str, str] = {}

    def known(self, api: str) -> IdMapping:
        """The ids that an API has in this world."""
        return self._known.get(api, DEV)

    def secrets(self) -> Mapping[str, str]:
        """The environment's variable for each secret that was used and that not everybody knows."""
        return {
            _variable(f"{api}_{name}"): self._secrets[f"{api}_{name}"]
            for api, entries in _entries().items()
            for name, entry in entries.items()
            if self._secrets.get(f"{api}_{name}", "") not in ("", entry.get("value"))
            and not entry.get("nobodys")
        }

    def credential(self, api: str, name: str) -> Credential:
        """The credential of that name; `NoCredential` where this server has none."""
        entry = _entries()[api][name]
        key = f"{api}_{name}"
        if key not in self._secrets:
            given = self._given.get(key) or os.environ.get(_variable(key))
            self._secrets[key] = given or self._secret(api, key, entry)
        place = "header" if "header" in entry else "query"
        return Credential(place, entry[place], self._secrets[key])

    def _secret(self, api: str, key: str, entry: Mapping[str, Any]) -> str:
        known = self.known(api)
        if not known.dev:
            entry = known.in_place_of(entry)
            if not entry.get("nobodys") and ("value" in entry or known.lacks(entry)):
                raise NoCredential(f"give it as {_variable(key)}")
        if "value" in entry:
            return str(entry["value"])
        if "grant" in entry:
            return str(entry.get("prefix", "")) + self._granted(entry["grant"])
        if "login" in entry:
            return str(entry.get("prefix", "")) + self._token("/auth/login", entry["login"])
        if "printed" in entry and (found := self._found(entry["printed"])):
            return found
        if "minted" in entry and (self._own or {"key", "algorithm"} & set(entry["minted"])):
            return mint(**entry["minted"])
        raise NoCredential(f"give it as {_variable(key)}")

    def _granted(self, client: Mapping[str, str]) -> str:
        return self._token("/auth/token", {"grant_type": "client_credentials", **client})

    def _token(self, path: str, asked: Mapping[str, str]) -> str:
        try:
            reply = self._client.post(path, asked)
        except (Unanswered, OSError) as reason:
            raise NoCredential(f"POST {path} was not answered: {reason}") from reason
        if reply.status != 201:
            raise NoCredential(f"POST {path} answers {reply.status} {reply.body[:200]!r}")
        return str(json.loads(reply.body)["content"]["jwt_token"])

    def _found(self, wanted: Mapping[str, Any]) -> str | None:
        for token in self._printed:
            claims = _claims(token)
            is_its = claims.get("data", {}).get("id") == wanted["client"]
            if is_its and wanted.get("expires", "exp" in claims) == ("exp" in claims):
                return token
        return None


def mint(
    client: str | None = None,
    expires_in_s: int = 3600,
    algorithm: str = "HS256",
    key: str = JWT_KEY,
) -> str:
    """A JSON Web Token of the eventhos kind."""
    now = int(time.time())
    claims: dict[str, Any] = {"iat": now, "exp": now + expires_in_s}
    if client is not None:
        claims["data"] = {"id": client, "subjectType": "client", "identifier": client}
    head = {"alg": algorithm, "typ": "JWT"}
    text = ".".join(_encoded(json.dumps(part).encode()) for part in (head, claims))
    digest = hmac.digest(key.encode(), text.encode(), hashlib.sha256)
    return f"{text}.{_encoded(digest) if algorithm == 'HS256' else ''}"


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return claims if isinstance(claims, dict) else {}


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def names(api: str) -> list[str]:
    """The credentials of one API's world."""
    return [name for name, entry in _entries()[api].items() if not entry.get("nobodys")]


def _variable(key: str) -> str:
    return f"TALLYSTICK_CONTRACT_{key.upper()}"


@cache
def _entries() -> dict[str, dict[str, Any]]:
    entries = strict_yaml.load(FILE.read_text(encoding="utf-8"))
    assert isinstance(entries, dict)
    return entries
