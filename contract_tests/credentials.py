"""The credentials named in vectors, for one server."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from . import contract
from .api_facts import read_facts
from .client import RecordingClient
from .id_mapping import DEV, IdMapping, NotKnown
from .json_text import loads, member
from .matching import differences
from .parameter_place import read_cookies, with_cookies
from .vectors import VectorRequest, read_request
from .wire import Unanswered

_TOKEN = re.compile(r"\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+")


class NoCredential(Exception):
    """The server has no such credential; it can be given from outside."""


class Credential(NamedTuple):
    """A secret, and the header or query parameter for it."""

    place: str
    """``header`` or ``query``."""
    name: str
    secret: str
    others: tuple[Credential, ...] = ()
    """Those that a request has beside it."""

    def applied(self, request: VectorRequest) -> VectorRequest:
        """Return the request with the credential."""
        for other in self.others:
            request = other.applied(request)
        if self.name == "Cookie":
            name, _, value = self.secret.partition("=")
            return with_cookies(request, {**read_cookies(request), name: value})
        if self.place == "header":
            return replace(request, headers=(*request.headers, (self.name, self.secret)))
        return replace(request, target=self.in_query(request.target))

    def in_query(self, target: str) -> str:
        """Return a target with the credential in its query."""
        mark = "&" if "?" in target else "?"
        return f"{target}{mark}{self.name}={quote(self.secret, safe='')}"


def _one_a_place(credentials: Iterable[Credential]) -> list[Credential]:
    """Return the first credential of each header and field, as a request has each of them once."""
    found: dict[tuple[str, str], Credential] = {}
    for each in credentials:
        # One header has all cookies.
        cookie = each.secret.partition("=")[0] if each.name == "Cookie" else ""
        found.setdefault((each.place, f"{each.name.lower()} {cookie}"), each)
    return list(found.values())


class ServerCredentials:
    """The credentials of a server, with each token fetched once.

    An API in `known` has a world other than the dev world: the dev world's credentials are not used
    there, and its ids are replaced.
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
        """Return the ids of an API in this world."""
        return self._known.get(api, DEV)

    def secrets(self) -> Mapping[str, str]:
        """Return the environment variable of each used secret that is not public."""
        return {
            _variable(f"{api}_{name}"): self._secrets[f"{api}_{name}"]
            for api in contract.apis()
            for name, entry in read_facts(api).credentials.items()
            if self._secrets.get(f"{api}_{name}", "") not in ("", entry.get("value"))
            and not entry.get("nobodys")
        }

    def credential(self, api: str, name: str) -> Credential:
        """Return the credential with this name; raise `NoCredential` without one."""
        entry = read_facts(api).credentials[name]
        if "together" in entry:
            first, *others = _one_a_place(self.credential(api, e) for e in entry["together"])
            return first._replace(others=tuple(others))
        key = f"{api}_{name}"
        if key not in self._secrets:
            given = self._given.get(key) or os.environ.get(_variable(key))
            self._secrets[key] = given or self._secret(api, key, entry)
        place = "header" if "header" in entry else "query"
        return Credential(place, entry[place], self._secrets[key])

    def _secret(self, api: str, key: str, entry: Mapping[str, Any]) -> str:
        known = self.known(api)
        if "value" in entry and (known.dev or entry.get("nobodys")):
            return str(entry["value"])
        if "fetched" in entry:
            return str(entry.get("prefix", "")) + self._fetched(known, key, entry["fetched"])
        if "printed" in entry and (found := self._found(entry["printed"])):
            return found
        if "minted" in entry and (self._own or entry.get("nobodys")):
            return mint(**entry["minted"])
        raise NoCredential(f"give it as {_variable(key)}")

    def _fetched(self, known: IdMapping, key: str, fetched: Mapping[str, Any]) -> str:
        try:
            request = known.request(read_request(fetched["request"]))
        except NotKnown as missing:
            raise NoCredential(f"give it as {_variable(key)}") from missing
        call = f"{request.method} {request.target}"
        try:
            reply = self._client.send(request)
        except (Unanswered, OSError) as reason:
            raise NoCredential(f"{call} was not answered: {reason}") from reason
        try:
            return str(member(loads(reply.body), fetched["gives"]))
        except (ValueError, LookupError) as error:
            raise NoCredential(f"{call} answers {reply.status} {reply.body[:200]!r}") from error

    def _found(self, wanted: Mapping[str, Any]) -> str | None:
        for token in self._printed:
            claims = _claims(token)
            is_its = not list(differences(wanted["claims"], claims, exact=False))
            if is_its and wanted.get("expires", "exp" in claims) == ("exp" in claims):
                return token
        return None


def mint(
    claims: Mapping[str, Any], key: str, expires_in_s: int = 3600, algorithm: str = "HS256"
) -> str:
    """Return a JSON Web Token with these claims, issued now."""
    now = int(time.time())
    claims = {"iat": now, "exp": now + expires_in_s, **claims}
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
    """Return the names of an API's credentials."""
    entries = read_facts(api).credentials.items()
    return [name for name, entry in entries if not {"nobodys", "together"} & set(entry)]


def _variable(key: str) -> str:
    return re.sub(r"\W", "_", f"TALLYSTICK_CONTRACT_{key}").upper()
