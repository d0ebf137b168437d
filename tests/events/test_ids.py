"""Ids tell their time and go up, whatever the clock does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tallystick.events import new_id
from tallystick.events.ids import PATTERN, SET_BACK_MS, Ids, lowest_id, time_of

TIMES = st.integers(0, (1 << 48) - 1)
STEPS = st.lists(st.integers(-SET_BACK_MS, 3), max_size=50)


def ms(id_: str) -> int:
    return UUID(id_).int >> 80


@given(TIMES)
def test_an_id_is_a_uuid_of_version_7_that_tells_its_time(now_ms: int) -> None:
    id_ = Ids().new(now_ms)
    assert PATTERN.fullmatch(id_)
    assert str(UUID(id_)) == id_
    assert UUID(id_).version == 7
    assert UUID(id_).variant == "specified in RFC 4122"
    assert ms(id_) == now_ms


@given(TIMES.filter(lambda time: time < 1 << 47), STEPS)
def test_ids_go_up_as_text_also_when_the_clock_stands_or_is_set_back(
    start: int, steps: list[int]
) -> None:
    ids, latest = Ids(), start
    made = [ids.new(start)]
    for step in steps:
        now_ms = max(latest + step, 0)
        latest = max(latest, now_ms)
        made.append(ids.new(now_ms))
        assert ms(made[-1]) == latest
    assert made == sorted(set(made))


def test_a_clock_that_is_set_far_back_is_believed() -> None:
    ids = Ids()
    ids.new(1_764_000_000_000)
    assert ms(ids.new(1_763_000_000_000)) == 1_763_000_000_000


def test_ids_of_one_millisecond_are_many_and_in_order() -> None:
    made = [new_id(1_764_000_000_000) for _ in range(100_000)]
    assert made == sorted(set(made))
    assert {ms(id_) for id_ in (made[0], made[-1])} == {1_764_000_000_000}


def test_ids_go_up_also_where_the_counter_carries() -> None:
    ids = Ids()
    ids.state = (1, (1 << 62) - 2)
    made = [ids.new(1) for _ in range(3)]
    assert made[0].startswith("00000000-0001-7001-8000-0000")
    assert made == sorted(made)
    assert ids.state[1] >> 62 == 1


def test_threads_never_make_the_same_id() -> None:
    ids = Ids()
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [ids.new(1) for _ in range(2_000)], range(8)))
    assert len({id_ for some in made for id_ in some}) == 16_000


@given(TIMES, TIMES)
def test_the_lowest_id_of_a_time_parts_earlier_ids_from_later(one: int, other: int) -> None:
    id_, bound = Ids().new(one), lowest_id(other)
    assert (id_ < bound) == (one < other)


def test_an_id_tells_its_time() -> None:
    id_ = Ids().new(1_767_268_800_123)
    assert time_of(id_) == time_of(f"{id_}_gateway_a") == 1_767_268_800_123
