"""Actions: HTTP calls on consumer systems, written as templates and stored encrypted."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Connection

from tallystick.apis.eventhos import templates
from tallystick.apis.eventhos.exceptions import BadField
from tallystick.apis.eventhos.managed_resources import (
    DESCRIPTION,
    IDENTIFIER,
    NAME,
    OPERATION,
    SYSTEM_ID,
    system_name,
)
from tallystick.apis.eventhos.resource import Body, Resource
from tallystick.apis.eventhos.tables import actions, contracts
from tallystick.contract import json_text
from tallystick.contract.document import read_api
from tallystick.delivery import Addresses, AddressRefused, endpoint_of
from tallystick.encryption import Encryptor, Undecryptable, as_public
from tallystick.secret_names import MASK, is_secret_name

OAUTH2 = "oauth2_client"

TEMPLATES = ("url", "method", "headers", "queryUrlParams", "body", "rawBody")
"""The members of an action that make its request."""

_EMPTY_IS_NULL = frozenset({"securityUrl", "clientId", "clientSecret", "reply_to"})
_FRAMING = frozenset({"content-length", "transfer-encoding"})

_CALL: Mapping[str, Any] = {
    "url": None,
    "method": None,
    "headers": [],
    "queryUrlParams": [],
    "body": [],
    "rawBody": None,
    "securityType": read_api("eventhos").schema("EventhosSecurityType")["default"],
    "securityUrl": None,
    "clientId": None,
    "clientSecret": None,
    "reply_to": None,
    "webhookSecrets": [],
    "timeout": None,
}
"""The members that are encrypted together, each with its default."""


class Grant(NamedTuple):
    """The token server of an action, and the credentials for it."""

    url: str
    client_id: str
    client_secret: str


class ActionCall(NamedTuple):
    """The HTTP call of an action, with its secrets."""

    url: str
    method: str
    headers: Sequence[tuple[str, str]]
    query: Sequence[tuple[str, str]]
    body: Any
    """A template; None for the event's own body."""
    grant: Grant | None
    reply_to: str | None
    webhook_secrets: Sequence[str]
    timeout_s: int | None
    """None for the server's own."""


class Actions(Resource):
    """The actions, with ``***`` in place of secrets in answers."""

    def __init__(self, seals: Encryptor, addresses: Addresses) -> None:
        super().__init__(
            actions,
            [SYSTEM_ID, IDENTIFIER, NAME, OPERATION, DESCRIPTION],
            used_by=[contracts.c.action_id],
            shown={"system_name": system_name(actions.c.system_id)},
        )
        self._seals = seals
        self._addresses = addresses
        self.call = lru_cache(maxsize=1_000)(self._call)
        """Returns the decrypted call; raises `Undecryptable`."""

    def to_json(self, row: Any) -> dict[str, Any]:
        """Return the action without its secrets."""
        try:
            call = self._opened(row.call)
        except Undecryptable as error:
            call = {**_CALL, "url": row.endpoint, "method": "POST"}
            return {**super().to_json(row), **_shown(call), "unusable": str(error)}
        return {**super().to_json(row), **_shown(call)}

    def to_row(self, connection: Connection, body: Body, row: Any) -> dict[str, Any]:
        """Return the columns of an action, with checked templates and URLs."""
        call = _merged(_CALL if row is None else self._kept(row.call), body)
        _check(call)
        self._check_url("url", call["url"])
        if call["securityType"] == OAUTH2:
            self._check_url("securityUrl", call["securityUrl"])
        return {**super().to_row(connection, body, row), **self._sealed(call)}

    def _sealed(self, call: Mapping[str, Any]) -> dict[str, Any]:
        return _columns(call, self._seals.encrypt)

    def _opened(self, sealed: str) -> dict[str, Any]:
        # Not orjson, which refuses some values that requests may hold.
        call: dict[str, Any] = json_text.read_json(self._seals.decrypt(sealed).encode())
        return {**_CALL, **call}

    def _kept(self, sealed: str) -> Mapping[str, Any]:
        """Return the stored call as the base of a change; the defaults if undecryptable."""
        try:
            return self._opened(sealed)
        except Undecryptable:
            return _CALL

    def _call(self, sealed: str) -> ActionCall:
        return _action_call(self._opened(sealed))

    def _check_url(self, name: str, url: str) -> None:
        if not templates.has_fixed_origin(url):
            return
        try:
            self._addresses.check_url(url)
        except AddressRefused as error:
            raise BadField(name, f"is refused: {error}") from None


def read_template(template: Mapping[str, Any]) -> ActionCall:
    """Return the call of an action's templates; raise `BadField`."""
    call = {**_CALL, **{name: template[name] for name in TEMPLATES if name in template}}
    _check(call)
    return _action_call(call)


def _action_call(call: Mapping[str, Any]) -> ActionCall:
    is_oauth2 = call["securityType"] == OAUTH2
    names = ("securityUrl", "clientId", "clientSecret")
    return ActionCall(
        url=call["url"],
        method=call["method"].upper(),
        headers=[(header["key"], header["value"]) for header in call["headers"]],
        query=[(param["key"], param["value"]) for param in call["queryUrlParams"]],
        body=_body(call),
        grant=Grant(*(call[name] for name in names)) if is_oauth2 else None,
        reply_to=call["reply_to"],
        webhook_secrets=call["webhookSecrets"],
        timeout_s=call["timeout"],
    )


def _merged(kept: Mapping[str, Any], body: Body) -> dict[str, Any]:
    """Return the stored call with the given changes; a mask that is sent back keeps its secret."""
    call = dict(kept)
    for name, default in _CALL.items():
        if name in body and not (name == "clientSecret" and body[name] == MASK):
            call[name] = default if body[name] is None else _read(name, body[name])
    secrets = {header["key"]: header["value"] for header in kept["headers"]}
    call["headers"] = [
        {**header, "value": secrets.get(header["key"], MASK)} if header["value"] == MASK else header
        for header in call["headers"]
    ]
    return call


def _read(name: str, value: Any) -> Any:
    return None if value == "" and name in _EMPTY_IS_NULL else value


def _shown(call: Mapping[str, Any]) -> dict[str, Any]:
    """Return a call's members without its secrets, also in the shape of the vendor's server."""
    told = {**call, "signed": bool(call["webhookSecrets"])}
    del told["webhookSecrets"]
    told["headers"] = [_masked(header) for header in call["headers"]]
    told["clientSecret"] = MASK if call["clientSecret"] else None
    body = _body(call)
    told["httpConfiguration"] = {
        "url": call["url"],
        "method": call["method"].lower(),
        "headers": _by_key(told["headers"]),
        "params": _by_key(call["queryUrlParams"]),
        "data": {} if body is None else body,
    }
    told["security"] = _security(told)
    return told


def _by_key(pairs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {pair["key"]: pair["value"] for pair in pairs}


def _security(told: Mapping[str, Any]) -> dict[str, Any]:
    if told["securityType"] != OAUTH2:
        return {"type": "custom", "httpConfiguration": {}}
    form = {"client_id": told["clientId"], "client_secret": told["clientSecret"]}
    data = {**form, "grant_type": "client_credentials"}
    request = {"url": told["securityUrl"], "method": "post", "data": data}
    return {"type": OAUTH2, "httpConfiguration": request}


def _check(call: Mapping[str, Any]) -> None:
    for name in ("url", "method"):
        if call[name] is None:
            raise BadField(name, "must be given again: the stored one can't be opened")
    for name in ("url", "headers", "queryUrlParams", "body", "rawBody"):
        templates.check_template(name, call[name])
    for header in call["headers"]:
        if header["key"].lower() in _FRAMING:
            raise BadField("headers", f"may not have {header['key']}: the body decides it")
    for secret in call["webhookSecrets"]:
        _check_secret(secret)
    if call["securityType"] == OAUTH2:
        for name in ("securityUrl", "clientId", "clientSecret"):
            if not call[name]:
                raise BadField(name, f"is missing: the securityType {OAUTH2} needs it")


def _check_secret(secret: str) -> None:
    try:
        b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        raise BadField("webhookSecrets", "has a secret other than base64") from None


def public_post(url: str, body: Any) -> dict[str, Any]:
    """Return the columns of a POST for everybody to know, without checks and their libraries."""
    return _columns({**_CALL, "url": url, "method": "POST", "rawBody": body}, as_public)


def _columns(call: Mapping[str, Any], keep: Callable[[str], str]) -> dict[str, Any]:
    return {"endpoint": _endpoint(call["url"]), "call": keep(json.dumps(call))}


def _endpoint(url: str) -> str:
    """Return the endpoint that isolates deliveries; the URL itself if its host is a template."""
    return endpoint_of(url) if templates.has_fixed_origin(url) else url


def _body(call: Mapping[str, Any]) -> Any:
    if call["rawBody"] is not None:
        return call["rawBody"]
    return _by_key(call["body"]) or None


def _masked(header: Mapping[str, str]) -> Mapping[str, str]:
    is_secret = is_secret_name(header["key"]) and templates.is_fixed(header["value"])
    return {**header, "value": MASK} if is_secret else header
