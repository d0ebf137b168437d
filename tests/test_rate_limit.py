"""Each credential may call so often a minute."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import requests

from manual_clock import ManualClock
from server_process import StartServer
from tallystick.contract.exceptions import TooManyRequests, Unauthenticated
from tallystick.rate_limit import RateLimit, with_address

pytestmark = pytest.mark.anyio


def known(secret: str) -> dict[str, Any]:
    return {"sub": secret}


async def known_later(secret: str) -> dict[str, Any]:
    return {"sub": secret}


def ask(credential: Any, secret: str) -> Any:
    async def wait() -> Any:
        return await credential(secret)

    return asyncio.run(wait())


@pytest.mark.parametrize("credential", [known, known_later])
def test_one_call_too_many_is_refused_until_the_minute_is_over(credential: Any) -> None:
    clock = ManualClock(60_000)
    limited = RateLimit(2, clock).limited(credential)
    assert [ask(limited, "a") for _ in range(2)] == [{"sub": "a"}] * 2
    with pytest.raises(TooManyRequests):
        ask(limited, "a")
    clock.seconds += 59
    with pytest.raises(TooManyRequests):
        ask(limited, "a")
    clock.seconds += 1
    assert ask(limited, "a") == {"sub": "a"}


def test_each_caller_is_counted_alone_whatever_credential_they_use() -> None:
    limit = RateLimit(1, ManualClock())
    first, second = limit.limited(known), limit.limited(known_later)
    ask(first, "a")
    ask(second, "b")
    with pytest.raises(TooManyRequests):
        ask(second, "a")


def nobody(_: str) -> dict[str, Any]:
    raise Unauthenticated


async def ask_from(address: str, credential: Any) -> Any:
    async def app(*_: Any) -> None:
        await credential("secret")

    await with_address(app)({"client": (address, 1)}, None, None)  # type: ignore[arg-type]  # unused


async def test_an_address_may_send_as_many_bad_credentials_and_good_ones_still() -> None:
    limit = RateLimit(2, ManualClock())
    bad, good = limit.limited(nobody), limit.limited(known)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            await ask_from("192.0.2.1", bad)
    with pytest.raises(TooManyRequests):
        await ask_from("192.0.2.1", bad)
    await ask_from("192.0.2.1", good)
    with pytest.raises(Unauthenticated):
        await ask_from("192.0.2.2", bad)


def test_a_server_refuses_one_bad_key_too_many(start_server: StartServer) -> None:
    server = start_server(TALLYSTICK_RATE_LIMIT="3")

    statuses = [
        requests.get(f"{server.url}/create", headers={"x-api-key": "wrong"}, timeout=10).status_code
        for _ in range(8)  # the minute may turn between them
    ]

    assert statuses[:3] == [403, 403, 403]
    assert 429 in statuses
