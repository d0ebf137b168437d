"""Each credential may call so often a minute."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from manual_clock import ManualClock
from tallystick.contract.exceptions import TooManyRequests
from tallystick.rate_limit import RateLimit


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
