"""Prints how a client behaves when it is refused, misdirected or looked at."""

import asyncio
from collections import Counter
from collections.abc import Callable

import httpx
from charon_client import AnswerError, ApiError, AsyncCharon, Charon, CharonError, NetworkError

AWAY = "${away}"
hooked: list[httpx.Request] = []


def failure(call: Callable[[], object]) -> Exception:
    """Return the error of a call."""
    try:
        call()
    except Exception as error:
        print("text", str(error), repr(error))
        return error
    raise AssertionError


async def circle() -> None:
    """Read a list that leads round without blocking."""
    async with AsyncCharon("top-secret", server=AWAY) as client:
        executions = client.list_executions_all("circle")
        try:
            print("circle", [each.id async for each in executions])
        except AnswerError as error:
            print("circle", "345" in error.body)


async def refuse() -> None:
    """Ask the server that is away without blocking."""
    async with AsyncCharon("top-secret", server=AWAY) as client:
        try:
            await client.get_cron("a-cron")
        except ApiError as error:
            print("async", error.status)


async def crowd() -> None:
    """Make so many calls at once that the last ones wait longer for a turn than a try may."""
    async with AsyncCharon("top-secret", server=AWAY, timeout=9) as client:
        calls = (client.get_cron("slow") for _ in range(350))
        failed = await asyncio.gather(*calls, return_exceptions=True)
    print("crowd", dict(Counter(str(each)[:3] for each in failed)))


with httpx.Client(event_hooks={"request": [hooked.append]}, follow_redirects=True) as http_client:
    client = Charon("top-secret", server=AWAY, http_client=http_client)
    print("text", client, repr(client))
    refused = failure(lambda: client.get_cron("a-cron"))
    assert isinstance(refused, ApiError)
    print("refused", refused.status, refused.code, refused.headers["Retry-After"], len(hooked))
    failure(lambda: client.get_cron("dated"))
    print("dated", len(hooked))
    failure(lambda: client.get_cron("never"))
    print("never", len(hooked))
    for wrong in ("nothing", "empty"):
        answered = failure(lambda: client.get_cron(wrong))  # noqa: B023  # called at once
        assert isinstance(answered, AnswerError)
        print(wrong, answered.body)
    broken = failure(lambda: client.get_cron("broken"))
    assert isinstance(broken, AnswerError)
    print("answer", broken.body)
    before = len(hooked)
    read: list[int] = []

    def read_on() -> None:
        for execution in client.list_executions_all("circle"):
            read.append(execution.id)
            print("page", len(hooked) - before, read)

    print("circle", isinstance(failure(read_on), AnswerError), len(hooked) - before)
    before = len(hooked)
    for step in (".", ".."):
        failure(lambda: client.delete_cron(step))  # noqa: B023  # called at once
    print("step", len(hooked) - before)
    moved = failure(lambda: client.can_start("moved"))
    assert isinstance(moved, ApiError)
    print("moved", moved.status)
unreached = failure(lambda: Charon("top-secret", server="http://127.0.0.1:9").get_cron("a-cron"))
assert isinstance(unreached, NetworkError)
print("network", str(unreached.is_timeout).lower())
for server in ("http://someone:top-secret@127.0.0.1:9", "http://127.0.0.1:9/?key=top-secret"):
    unsent = failure(lambda: Charon("top-secret", server=server))  # noqa: B023  # called at once
    print("server", str("@?#" in str(unsent)).lower())
stalled = failure(lambda: Charon("top-secret", server=AWAY, timeout=0.5).get_cron("stalled"))
assert isinstance(stalled, NetworkError)
print("stalled", str(stalled.is_timeout).lower())
failure(lambda: Charon("top-secret\n", server=AWAY).get_cron("a-cron"))
asyncio.run(refuse())
asyncio.run(circle())
asyncio.run(crowd())
print("typed", refused.body_as(CharonError).message)
read_moved = moved.body_as
print("typed", isinstance(failure(lambda: read_moved(CharonError)), AnswerError))
