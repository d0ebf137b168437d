"""A key is exchanged for a session, which has its rights and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import requests

from gateway_world import GatewayWorld
from server_process import ServerProcess, StartServer
from tallystick.apis.gateway import sessions
from tallystick.contract.exceptions import Forbidden, Unauthenticated

WRITES = {"X-Requested-With": "tallystick"}


def run(work: Callable[[GatewayWorld], Awaitable[None]], **settings: Any) -> None:
    """Run `work` in a world with a database in memory."""

    async def main() -> None:
        async with GatewayWorld("sqlite://", **settings) as world:
            await work(world)

    asyncio.run(main())


def secret_of(cookie: str) -> str:
    return cookie.partition(";")[0].partition("=")[2]


async def sign_in(world: GatewayWorld, *scopes: str, expires: int | None = None) -> tuple[str, str]:
    """Begin a session of a new key; the cookie's secret and the key's id."""
    key, secret = await world.keys.create_key("gateway", "console", scopes, expires=expires)
    _, cookie = await world.sessions.create_session(secret)
    return secret_of(cookie), key.id


def test_a_session_has_the_scopes_of_its_key() -> None:
    async def work(world: GatewayWorld) -> None:
        secret, key_id = await sign_in(world, "events:read")
        assert (await world.sessions.authenticate(secret, ["events:read"]))["sub"] == key_id
        with pytest.raises(Forbidden):
            await world.sessions.authenticate(secret, ["mock:write"])

    run(work)


def test_a_session_ends_after_twelve_hours() -> None:
    async def work(world: GatewayWorld) -> None:
        secret, _ = await sign_in(world)
        world.clock.seconds += 12 * 3600 - 1
        await world.sessions.authenticate(secret, [])
        world.clock.seconds += 1
        with pytest.raises(Unauthenticated):
            await world.sessions.authenticate(secret, [])

    run(work)


def test_a_session_ends_no_later_than_its_key() -> None:
    async def work(world: GatewayWorld) -> None:
        end = world.clock.now_ms() + 60_000
        _, secret = await world.keys.create_key("gateway", "brief", ["events:read"], expires=end)
        _, cookie = await world.sessions.create_session(secret)
        assert "; Max-Age=60" in cookie

    run(work)


def test_a_revoked_key_ends_its_sessions() -> None:
    async def work(world: GatewayWorld) -> None:
        secret, key_id = await sign_in(world)
        await world.keys.revoke_key(key_id)
        with pytest.raises(Unauthenticated):
            await world.sessions.authenticate(secret, [])

    run(work)


def test_only_a_key_of_the_gateway_signs_in() -> None:
    async def work(world: GatewayWorld) -> None:
        _, secret = await world.keys.create_key("charon", "other", ["crons:read"])
        with pytest.raises(Unauthenticated):
            await world.sessions.create_session(secret)

    run(work)


def test_a_key_has_a_bounded_number_of_sessions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_PER_KEY", 2)

    async def work(world: GatewayWorld) -> None:
        _, secret = await world.keys.create_key("gateway", "console", ["events:read"])
        begun = []
        for _ in range(3):
            _, cookie = await world.sessions.create_session(secret)
            begun.append(secret_of(cookie))
            world.clock.seconds += 1
        with pytest.raises(Unauthenticated):
            await world.sessions.authenticate(begun[0], [])
        for newer in begun[1:]:
            await world.sessions.authenticate(newer, [])

    run(work)


def test_the_cookie_is_for_tls_alone_where_the_server_speaks_it() -> None:
    async def work(world: GatewayWorld) -> None:
        _, secret = await world.keys.create_key("gateway", "console", ["events:read"])
        _, cookie = await world.sessions.create_session(secret)
        assert cookie.endswith("; Secure")

    run(work, tls_cert="cert.pem", tls_key="key.pem")


@pytest.mark.parametrize(
    ("origin", "is_secure"), [("https://x.example", True), ("http://x.example", False)]
)
def test_the_cookie_is_for_tls_alone_for_a_page_that_came_by_it(
    start_server: StartServer, origin: str, is_secure: bool
) -> None:
    url = f"{start_server().url}/gateway/v1/session"
    key = {"key": "dev-gateway-key"}
    answer = requests.post(url, json=key, headers={"Origin": origin}, timeout=10)
    assert answer.headers["Set-Cookie"].endswith("; Secure") == is_secure


@pytest.mark.parametrize("options", [[], ["--connexion"]])
def test_a_session_reads_and_with_the_header_it_writes(
    start_server: StartServer, options: list[str]
) -> None:
    server = start_server(*options)
    browser = signed_in(server)
    assert browser.get(f"{server.url}/gateway/v1/events").status_code == 200
    assert browser.get(f"{server.url}/gateway/v1/crons").status_code == 200
    url = f"{server.url}/gateway/v1/subscriptions"
    body = {"sink": "tallystick:sink"}
    assert browser.post(url, json=body).status_code == 403
    assert browser.post(url, json=body, headers=WRITES).status_code == 201
    session = f"{server.url}/gateway/v1/session"
    copied = dict(browser.cookies)
    assert browser.delete(session).status_code == 403
    assert browser.delete(session, headers=WRITES).status_code == 204
    assert requests.get(session, cookies=copied, timeout=10).status_code == 401


def test_a_sign_out_holds_at_every_process(start_server: StartServer, postgres_url: str) -> None:
    first = start_server("--database", postgres_url)
    second = start_server("--database", postgres_url)
    cookies = dict(signed_in(first).cookies)
    path = "/gateway/v1/session"
    assert requests.get(second.url + path, cookies=cookies, timeout=10).status_code == 200
    requests.delete(first.url + path, cookies=cookies, headers=WRITES, timeout=10)
    assert requests.get(second.url + path, cookies=cookies, timeout=10).status_code == 401


def signed_in(server: ServerProcess) -> requests.Session:
    browser = requests.Session()
    answer = browser.post(f"{server.url}/gateway/v1/session", json={"key": "dev-gateway-key"})
    assert answer.status_code == 201, answer.text
    return browser
