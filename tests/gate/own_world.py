"""A service without the dev world: keys of its own, and other names for everything."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from command_line import tallystick
from server_process import ServerProcess

PROJECT = "c0ffee00c0ffee00c0ffee00c0ffee00"
SHOP = """\
entities:
  - {id: HOST_GROUP-SHOP, type: HOST_GROUP, name: shop-hosts}
  - {id: HOST-SHOP1, type: HOST, name: shop-1, relationships: {isInstanceOf: [HOST_GROUP-SHOP]}}
  - {id: HOST-SHOP2, type: HOST, name: shop-2, relationships: {isInstanceOf: [HOST_GROUP-SHOP]}}
  - {id: SERVICE-CHECKOUT0001, type: SERVICE, name: CheckoutService}
"""
_KEYS = {
    "event_store.key": ("event_store", "*"),
    "keyastrom.token": ("keyastrom", "*"),
    "keyastrom.readonly": ("keyastrom", "events.read"),
    "eventgrid.token": ("eventgrid", "*"),
    "charon.key": ("charon", "*"),
    "gateway.key": ("gateway", "*"),
}


@dataclass(frozen=True, slots=True)
class OwnWorld:
    """A running service, its credentials and its ids, by their names for `verify`."""

    url: str
    credentials: Mapping[str, str]
    known: Mapping[str, str]


@contextmanager
def own_world(folder: Path) -> Iterator[OwnWorld]:
    """Run a service with a world of its own until the end of the block."""
    loopback = {"TALLYSTICK_DELIVERY_NETWORKS": "127.0.0.0/8"}
    server = ServerProcess(folder=folder, env=loopback, dev=False)
    database = f"sqlite:///{server.database}"
    secrets = {name: _create_key(database, *key) for name, key in _KEYS.items()}
    password = _create_key(database, "eventhos", "*", "--name", "margaret")
    server.start()
    try:
        world = _World(server.url, secrets, password)
        yield OwnWorld(server.url, world.credentials(), world.known())
    finally:
        server.stop()


def _create_key(database: str, api: str, scope: str, *options: str) -> str:
    project = ("--project", PROJECT) if api == "eventgrid" else ()
    done = tallystick(
        "keys", "create", api, "--scope", scope, "--database", database, *project, *options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class _World:
    """The calls that fill the new service."""

    def __init__(self, url: str, secrets: Mapping[str, str], password: str) -> None:
        self._url = url
        self._secrets = dict(secrets)
        self._password = password
        self._gateway = f"Bearer {secrets['gateway.key']}"
        self._manager = self._log_in()

    def credentials(self) -> Mapping[str, str]:
        """Return each credential as a request has it."""
        token, readonly = self._secrets["keyastrom.token"], self._secrets["keyastrom.readonly"]
        return {
            **self._secrets,
            "keyastrom.token": f"Api-Token {token}",
            "keyastrom.readonly": f"Api-Token {readonly}",
            **{f"{api}.gateway": self._gateway for api in ("charon", "keyastrom")},
            "gateway.key": self._gateway,
        }

    def known(self) -> Mapping[str, str]:
        """Create what the requests name, and return its names."""
        return {**self._crons(), **self._channel(), **self._shop(), **self._bakery()}

    def _crons(self) -> Mapping[str, str]:
        # In this order, so that each id is the other's of the dev world.
        paused = self._made("/gateway/v1/crons", {"slug": "old-export", "active": False})
        running = self._made("/gateway/v1/crons", {"slug": "weekly-digest", "name": "Digest"})
        return {
            "charon.cron": "weekly-digest",
            "charon.cron_name": "Digest",
            "charon.inactive_cron": "old-export",
            "charon.cron_id": str(running["id"]),
            "charon.inactive_cron_id": str(paused["id"]),
        }

    def _channel(self) -> Mapping[str, str]:
        key = {"X-Auth-Token": self._secrets["eventgrid.token"]}
        channel = self._made(f"/v1/{PROJECT}/channels", {"name": "shop-channel"}, key)
        return {
            "eventgrid.project": PROJECT,
            "eventgrid.channel": str(channel["id"]),
            "eventgrid.channel_name": "shop-channel",
        }

    def _shop(self) -> Mapping[str, str]:
        headers = {"Authorization": self._gateway, "Content-Type": "application/yaml"}
        self._call("PUT", "/gateway/v1/entities", SHOP.encode(), headers)
        return {
            "keyastrom.environment": "shopEnv",
            "keyastrom.host_group": "shop-hosts",
            "keyastrom.service": "CheckoutService",
            "keyastrom.service_id": "SERVICE-CHECKOUT0001",
        }

    def _bakery(self) -> Mapping[str, str]:
        client = self._managed("/auth/client", {"identifier": "bakery", "name": "Bakery"})
        system = {"identifier": "oven", "name": "Oven", "type": "backend"}
        producer = {**system, "systemClass": "producer", "clientId": client["clientId"]}
        oven = self._managed("/system", producer)["systemId"]
        baked, burnt = self._event(oven, "bread-baked"), self._event(oven, "bread-burnt")
        consumer = {**system, "identifier": "shop", "systemClass": "consumer"}
        shop = self._managed("/system", consumer)["systemId"]
        action = {
            "system_id": shop, "identifier": "sell", "name": "Sell", "operation": "process",
            "url": self._url + "/healthz", "method": "POST", "headers": [], "rawBody": {},
        }  # fmt: skip
        action_id = self._managed("/action", action)["actionId"]
        contract = {
            "eventId": baked[0], "actionId": action_id,
            "identifier": "sell-bread", "name": "Sell bread", "order": 0, "active": True,
            "mailRecipientsOnError": "",
        }  # fmt: skip
        contract_id = self._managed("/contract", contract)["contractId"]
        return {
            "eventhos.event": baked[1],
            "eventhos.quiet_event": burnt[1],
            "eventhos.client": str(client["clientId"]),
            "eventhos.client_secret": str(client["clientSecret"]),
            "eventhos.person": "margaret",
            "eventhos.person_password": self._password,
            "eventhos.client_identifier": "bakery",
            "eventhos.system_id": str(oven),
            "eventhos.consumer_id": str(shop),
            "eventhos.action_id": str(action_id),
            "eventhos.contract_id": str(contract_id),
            "eventhos.system": "oven",
            "eventhos.action": "sell",
            "eventhos.contract": "sell-bread",
        }

    def _event(self, system: Any, identifier: str) -> tuple[Any, str]:
        body = {"system_id": system, "identifier": identifier, "name": identifier}
        id_ = self._managed("/event", {**body, "operation": "new"})["eventId"]
        listed = self._call("GET", f"/system/{system}/events", None, self._manager)["content"]
        return id_, next(str(each["identifier"]) for each in listed if each["id"] == id_)

    def _log_in(self) -> Mapping[str, str]:
        body = {"username": "margaret", "password": self._password}
        token = self._made("/auth/login", body, {})["content"]["jwt_token"]
        return {"Authorization": f"Bearer {token}"}

    def _managed(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._made(path, body, self._manager)["content"]

    def _made(
        self, path: str, body: Mapping[str, Any], key: Mapping[str, str] | None = None
    ) -> Any:
        own = {"Authorization": self._gateway} if key is None else key
        headers = {"Content-Type": "application/json", **own}
        return self._call("POST", path, json.dumps(body).encode(), headers)

    def _call(self, method: str, path: str, body: bytes | None, key: Mapping[str, str]) -> Any:
        request = Request(self._url + path, body, dict(key), method=method)
        with urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())
