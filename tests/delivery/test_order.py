"""Groups of an event go one after the other, whatever fails, ends or is asked for in between."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from typing import Any, ClassVar, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from delivery.conftest import ANSWERS, Endpoint, World
from reliability import Figures, scaled
from tallystick.delivery import ENDED, DeliverySelection
from tallystick.events import Event

EXAMPLES = scaled(15, 500)
STEPS = scaled(20, 50)
FAILING = ("/500", "/400", "/429", "/302", "/reset", "/garbage")
WAITS_S = (1, 6, 400, 20_000)
TO_THE_END_S = (86_400,) * 12

T = TypeVar("T")


class OrderedDeliveries(RuleBasedStateMachine):
    """Events in groups, an endpoint of changing moods, and people who replay and cancel."""

    arrivals: ClassVar[Counter[str]] = Counter()
    """Requests, by how they were answered."""

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._events: dict[str, Event] = {}
        self._too_early: list[str] = []
        self._numbers = iter(range(10_000))
        self._run(self._open())

    def teardown(self) -> None:
        """Let everything succeed from now on: then nothing is left undone."""
        try:
            self._run(self._end())
        finally:
            self._run(self._close())
            self._runner.close()

    @rule(sizes=st.lists(st.integers(1, 3), min_size=1, max_size=3), mood=st.sampled_from(FAILING))
    def send(self, sizes: list[int], mood: str) -> None:
        """Store an event for so many destinations in each group; half of them fail at first."""
        self._run(self._send(sizes, mood))

    @rule(seconds=st.sampled_from(WAITS_S))
    def pass_time(self, seconds: int) -> None:
        """Let time pass, and deliver what is due."""
        self._run(self._world.pass_time(seconds))

    @rule(mood=st.sampled_from(("/ok", *FAILING)), every=st.integers(2, 4))
    def change_moods(self, mood: str, every: int) -> None:
        """Have every second, third or fourth destination answer otherwise."""
        for number, path in enumerate(self._moods):
            if number % every == 0:
                self._moods[path] = mood

    @precondition(lambda self: self._events)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        """Deliver an event anew."""
        event = data.draw(st.sampled_from(sorted(self._events)))
        self._run(self._replay(DeliverySelection(event_id=event)))

    @precondition(lambda self: self._events)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        """Deliver an event no more."""
        event = data.draw(st.sampled_from(sorted(self._events)))
        self._run(self._world.outbox.cancel_deliveries(DeliverySelection(event_id=event)))

    @rule()
    def restart(self) -> None:
        """End the dispatcher, and begin with another."""
        self._run(self._restart())

    def _run(self, step: Coroutine[Any, Any, T]) -> T:
        found = self._runner.run(step)
        assert not self._too_early, f"arrived before an earlier group had ended: {self._too_early}"
        return found

    async def _open(self) -> None:
        self._moods: dict[str, str] = {}
        self._endpoint = await Endpoint().start()
        self._world = await World("sqlite://").open()

    async def _close(self) -> None:
        await self._world.close()
        await self._endpoint.stop()

    async def _replay(self, selection: DeliverySelection) -> None:
        await self._world.deliver()  # what is under way then was begun in its turn
        await self._world.outbox.replay_deliveries(selection)

    async def _restart(self) -> None:
        await self._world.dispatcher.close()
        self._world.dispatcher = self._world.another_dispatcher(self._world.outbox)
        await self._world.dispatcher.open()

    async def _send(self, sizes: list[int], mood: str) -> None:
        groups = [
            [self._destination(position, mood) for _ in range(n)]
            for position, n in enumerate(sizes)
        ]
        event = await self._world.send(*groups)
        self._events[event.id] = event
        await self._world.deliver()

    def _destination(self, group: int, mood: str) -> str:
        number = next(self._numbers)
        path = f"/{group}/{number}"
        self._moods[path] = mood if number % 2 else "/ok"
        self._endpoint.answers[path] = self._answer(path, group)
        return self._endpoint.url + path

    def _answer(self, path: str, group: int) -> Any:
        async def answer(writer: asyncio.StreamWriter) -> None:
            target = self._world._target(self._endpoint.url + path)
            for deliveries in await self._by_event():
                if any(d.target == target for d in deliveries):
                    earlier = [d for d in deliveries if d.position < group]
                    self._too_early += [path for d in earlier if d.state not in ENDED]
            self.arrivals[self._moods[path]] += 1
            await ANSWERS[self._moods[path]](writer)

        return answer

    async def _by_event(self) -> list[list[Any]]:
        selections = [DeliverySelection(event_id=event) for event in self._events]
        return [await self._world.outbox.list_deliveries(s, limit=1_000) for s in selections]

    async def _end(self) -> None:
        self._moods = dict.fromkeys(self._moods, "/ok")
        for seconds in TO_THE_END_S:
            await self._world.pass_time(seconds)
        for deliveries in await self._by_event():
            assert deliveries
            assert {d.state for d in deliveries} <= ENDED


@pytest.mark.reliability("Ordered contracts under random failures")
def test_an_earlier_group_has_always_ended_before_the_next_begins(figures: Figures) -> None:
    OrderedDeliveries.arrivals.clear()
    run_state_machine_as_test(
        OrderedDeliveries,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    figures.note(runs=EXAMPLES, requests=OrderedDeliveries.arrivals.total())
