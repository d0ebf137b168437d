"""The servers that clients name: the vendor's first one that a client takes, and this machine."""

from __future__ import annotations

from typing import Any

from tallystick.clients.servers import list_servers

HERE = {"url": "http://127.0.0.1:8080/v1"}


def _vendor(*servers: dict[str, Any]) -> Any:
    vendor, here = list_servers({"x-base-path": "/v1", "servers": list(servers)})
    assert here == HERE
    return vendor["url"]


def test_the_vendors_server_is_the_first_with_a_full_address() -> None:
    region = {"region": {"default": "eu"}}
    assert _vendor({"url": "/v1"}, {"url": "https://{region}.crm.test/", "variables": region}) == (
        "https://eu.crm.test"
    )
    assert _vendor({"url": "/v1"}) == HERE["url"]
    assert _vendor() == HERE["url"]


def test_no_password_comes_from_a_contract_into_a_client() -> None:
    secret = ("https://someone:secret@crm.test", "https://crm.test?key=secret")
    assert _vendor(*({"url": url} for url in secret)) == HERE["url"]
    assert _vendor(*({"url": url} for url in (*secret, "https://crm.test"))) == "https://crm.test"
