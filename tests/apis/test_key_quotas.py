"""What keys use of their quotas is counted by all processes together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from manual_clock import ManualClock
from tallystick.apis.key_limits import Measure
from tallystick.apis.key_quotas import DAY_MS, MOST_DAYS, KeyQuotas
from tallystick.contract.exceptions import TooManyRequests, Unavailable
from tallystick.store import Database
from tallystick.store.tables import key_uses

pytestmark = pytest.mark.anyio

TWO = {Measure.EVENTS.value: 2, Measure.DELIVERIES.value: 2}


@pytest.fixture
async def two(lasting_url: str, clock: ManualClock) -> AsyncIterator[tuple[KeyQuotas, KeyQuotas]]:
    """The counts of two processes on one database."""
    first, second = Database(lasting_url), Database(lasting_url, exclusive=False)
    await first.open()
    await second.open()
    yield KeyQuotas(first, clock), KeyQuotas(second, clock)
    await second.close()
    await first.close()


@pytest.fixture
def quotas(database: Database, clock: ManualClock) -> KeyQuotas:
    return KeyQuotas(database, clock)


def use(quotas: KeyQuotas, number: int = 1) -> None:
    quotas.refuse_excess("k", TWO, Measure.EVENTS)
    quotas.add("k", TWO, Measure.EVENTS, number)


async def test_a_quota_is_used_up_until_the_minute_is_over(
    quotas: KeyQuotas, clock: ManualClock
) -> None:
    use(quotas)
    use(quotas)
    with pytest.raises(TooManyRequests) as refused:
        use(quotas)
    left_s = 60 - clock.now_ms() // 1000 % 60
    assert refused.value.headers == {"Retry-After": str(left_s)}
    assert (refused.value.limit, str(refused.value)) == (
        2,
        "The key's quota of events per minute is used up: 2.",
    )
    clock.seconds += left_s
    use(quotas)


async def test_a_key_without_a_quota_of_it_is_not_counted(quotas: KeyQuotas) -> None:
    quotas.add("k", TWO, Measure.BYTES, 10**9)
    quotas.refuse_excess("k", TWO, Measure.BYTES)
    assert await quotas.read_use() == {}


async def test_one_call_may_pass_a_quota_and_the_next_is_refused(quotas: KeyQuotas) -> None:
    use(quotas, 50)
    with pytest.raises(TooManyRequests):
        use(quotas)


async def test_processes_tell_one_another(two: tuple[KeyQuotas, KeyQuotas]) -> None:
    first, second = two
    use(first)
    use(second)
    await first.share()
    await second.share()
    assert await first.read_use() == {("k", Measure.EVENTS): 2}
    for each in two:
        with pytest.raises(TooManyRequests):
            use(each)


async def test_they_tell_at_once_without_waiting_for_one_another(
    two: tuple[KeyQuotas, KeyQuotas],
) -> None:
    for each in two:
        each.add("k", TWO, Measure.EVENTS, 3)
        each.add("l", TWO, Measure.EVENTS, 4)
    await asyncio.gather(*(each.share() for each in (*two, *two)))
    assert await two[0].read_use() == {("k", "events_per_minute"): 6, ("l", "events_per_minute"): 8}


async def test_an_ended_minute_leaves_no_row(
    quotas: KeyQuotas, database: Database, clock: ManualClock
) -> None:
    for _ in range(3):
        use(quotas)
        await quotas.share()
        clock.seconds += 60
    counted = select(func.count()).select_from(key_uses)
    assert await database.read(lambda connection: connection.scalar(counted)) == 1


async def test_what_could_not_be_stored_is_counted_and_told_later(
    url: str, clock: ManualClock
) -> None:
    database = Database(url, fault="away")
    await database.open()
    quotas = KeyQuotas(database, clock)
    use(quotas, 2)
    database.arm_fault()
    with pytest.raises(Unavailable):
        await quotas.share()
    with pytest.raises(TooManyRequests):
        use(quotas)
    database._is_failing = False
    assert await quotas.read_use() == {("k", Measure.EVENTS): 2}
    await database.close()


async def test_deliveries_go_on_the_first_day_with_room(
    quotas: KeyQuotas, clock: ManualClock
) -> None:
    today = clock.now_ms() // DAY_MS * DAY_MS
    begins = [quotas.add_deliveries("k", TWO, 1) for _ in range(5)]
    assert begins == [None, None, today + DAY_MS, today + DAY_MS, today + 2 * DAY_MS]
    assert (await quotas.read_use())["k", Measure.DELIVERIES] == 2
    clock.seconds += DAY_MS // 1000
    assert quotas.add_deliveries("k", TWO, 1) == today + 2 * DAY_MS


async def test_no_delivery_waits_for_longer_than_a_month(
    quotas: KeyQuotas, clock: ManualClock
) -> None:
    today = clock.now_ms() // DAY_MS * DAY_MS
    begins = [quotas.add_deliveries("k", TWO, 2) for _ in range(MOST_DAYS + 3)]
    assert begins[-3:] == [today + MOST_DAYS * DAY_MS] * 3
