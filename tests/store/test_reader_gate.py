"""A closed gate holds new readers, and opens when the others have left."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from tallystick.store.reader_gate import ReaderGate

WITHIN_S = 30


def test_the_gate_is_empty_when_it_says_so_and_lets_readers_in_afterwards() -> None:
    gate, order, is_inside, may_leave = ReaderGate(), list[str](), Event(), Event()

    def read_first() -> None:
        with gate.passed():
            is_inside.set()
            assert may_leave.wait(WITHIN_S)
            order.append("first")

    def close() -> None:
        with gate.emptied() as is_ours:
            assert is_ours
            order.append("alone")

    def read_later() -> None:
        with gate.passed():
            order.append("later")

    with ThreadPoolExecutor(3) as threads:
        waiting = [threads.submit(read_first)]
        assert is_inside.wait(WITHIN_S)
        waiting.append(threads.submit(close))
        while not gate._is_closed:
            pass
        waiting.append(threads.submit(read_later))
        may_leave.set()
        for future in waiting:
            future.result(WITHIN_S)

    assert order == ["first", "alone", "later"]


def test_one_thread_at_a_time_closes_it() -> None:
    gate = ReaderGate()
    with gate.emptied() as first, gate.emptied() as second:
        assert (first, second) == (True, False)
    with gate.passed():
        pass
