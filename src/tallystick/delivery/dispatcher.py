"""The dispatcher: claims deliveries from the outbox and attempts them while the process runs."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial

from sqlalchemy import Connection, select

from tallystick.background_tasks import end_tasks
from tallystick.clock import Clock
from tallystick.contract.exceptions import Unavailable
from tallystick.contract.log_failure import log_failure
from tallystick.delivery import leases
from tallystick.delivery.attempt_counts import AttemptCounts
from tallystick.delivery.attempt_runner import AttemptResult, AttemptRunner
from tallystick.delivery.delivery import Attempt, AttemptOutcome, Delivery, DeliveryState
from tallystick.delivery.endpoints import Endpoints
from tallystick.delivery.far_retries import recall_far_retries
from tallystick.delivery.lease_owner import new_owner
from tallystick.delivery.leases import Claim, Demand, EndpointHealth, Settlement, Target
from tallystick.delivery.outbox import REVISION, Outbox
from tallystick.delivery.outcomes import health_after
from tallystick.delivery.shares import SharedPool
from tallystick.delivery.tables import targets
from tallystick.store import Database

POLL_S = 1.0
RENEW_S = 5.0
TIDY_S = 60.0
GRACE_S = 4.0
"""How many seconds requests under way may take after the process is told to stop."""

UNDER_WAY_BYTES = 64 * 1024 * 1024
"""The limit in bytes of events in memory for delivery; a single larger event is allowed."""

_log = logging.getLogger(__name__)


class Dispatcher:
    """A loop to attempt due deliveries within fair shares, and to store their results."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        outbox: Outbox,
        *,
        in_flight: int,
        per_endpoint: int,
        random: Callable[[], float] = random.random,
    ) -> None:
        """`in_flight` limits concurrent requests in all, `per_endpoint` those to one endpoint."""
        self._database = database
        self._clock = clock
        self._outbox = outbox
        self._random = random
        self._runner = AttemptRunner(outbox, random)
        self._endpoints = Endpoints(per_endpoint)
        self._lanes = Endpoints(per_endpoint)
        self._requests = SharedPool(in_flight)
        self._bytes = SharedPool(UNDER_WAY_BYTES)
        self._health: dict[Target, EndpointHealth] = {}
        self._changes: dict[Target, EndpointHealth | None] = {}
        self._settled: list[Settlement] = []
        self.counts = AttemptCounts()
        self._attempts: dict[asyncio.Task[None], Delivery] = {}
        self._turning = asyncio.Lock()
        self._due = asyncio.Event()
        self._is_woken = False
        self._is_well = True
        self._tasks: list[asyncio.Task[None]] = []
        self._owner = ""

    async def open(self) -> None:
        """Take over the leases of an earlier process, and start."""
        self._loop = asyncio.get_running_loop()
        self._owner = new_owner(self._clock.now_ms())
        await self._void_leases()
        await self._database.revisions.watch(REVISION, self._read_health)
        self._outbox.attach_dispatcher(self.wake)
        work = (self._run(), self._renew(), self._tidy())
        self._tasks = [asyncio.create_task(task) for task in work]
        self.wake()

    async def close(self) -> None:
        """Finish the requests under way or return their leases, and stop."""
        self._outbox.attach_dispatcher(None)
        # A transaction goes on without who waits for it: its claims would be leased to nobody.
        with suppress(TimeoutError):
            async with asyncio.timeout(GRACE_S), self._turning:
                pass
        await end_tasks(*self._tasks)
        if self._attempts:
            await asyncio.wait(self._attempts, timeout=GRACE_S)
        self._return_leases()
        with suppress(Exception):  # the next process takes the leases over
            await self._exchange(claims=False)

    def wake(self, *, by_hand: bool = False) -> None:
        """Look for due deliveries at once; callable from any thread.

        With `by_hand`, endpoints left alone after failures are tried once too.
        """
        if by_hand:
            self._endpoints.reset_failures()
            self._lanes.reset_failures()
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon_threadsafe(self._due.set)

    @asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """Make no attempts during the block, and drop those under way.

        The database may be replaced by another state in the block.
        """
        async with self._turning:
            for task in list(self._attempts):
                task.cancel()
            await asyncio.gather(*self._attempts, return_exceptions=True)
            self._settled, self._changes = [], {}
            self._endpoints = Endpoints(self._endpoints.per_endpoint)
            self._lanes = Endpoints(self._endpoints.per_endpoint)
            yield
            await self._void_leases()
        self.wake()

    async def settle(self) -> None:
        """Return when all due deliveries are attempted; for tests with a clock of their own."""
        while await self._turn() or self._attempts or self._settled:
            if self._attempts:
                await asyncio.wait(self._attempts, return_when=asyncio.FIRST_COMPLETED)

    async def _void_leases(self) -> None:
        def find(connection: Connection) -> list[str]:
            # One process has an SQLite file, so every lease in it is from an earlier run.
            is_alone = connection.dialect.name == "sqlite"
            return leases.find_all(connection) if is_alone else []

        await self._end_leases(find)

    async def _end_leases(self, find: Callable[[Connection], Sequence[str]]) -> None:
        lost = await self._database.write(
            lambda connection: leases.end_leases(
                connection,
                find(connection),
                self._clock.now_ms(),
                random=self._random,
                build_failure_rows=self._outbox.build_failure_rows,
            )
        )
        self.counts.leases_lost += len(lost)
        self.counts.add_ends(settlement.state for settlement in lost)
        if lost:
            self.wake()

    async def _run(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._due.wait()
            self._due.clear()
            self._is_woken = False
            try:
                await self._turn()
                self._tell_recovery()
            except Exception as error:
                self._complain(error)
                await asyncio.sleep(POLL_S)
                # The claim may be stored though its answer was lost.
                with suppress(Exception):  # a further turn tells of it
                    await self._keep_leases()

    def _complain(self, error: Exception) -> None:
        if self._is_well:
            _log.warning("can't reach the deliveries, trying again: %s", type(error).__name__)
        self._is_well = False

    def _tell_recovery(self) -> None:
        if not self._is_well:
            _log.warning("can reach the deliveries again")
        self._is_well = True

    async def _turn(self) -> bool:
        """Store results and claim due deliveries; return whether there were any."""
        async with self._turning:
            claims, off = await self._exchange(claims=True)
            for claim in claims:
                self._begin(claim)
            if off:
                now = self._clock.now_ms()
                await self._database.write(lambda c: leases.hold_deliveries(c, off, now))
                self.wake()
        return bool(claims or off)

    async def _exchange(self, *, claims: bool) -> tuple[list[Claim], list[Delivery]]:
        settled, self._settled = self._settled, []
        changes, self._changes = self._changes, {}
        now = self._clock.now_ms()
        demand = self._demand() if claims else None
        try:
            return await self._database.write(
                partial(_exchange, settled=settled, changes=changes, demand=demand, now_ms=now)
            )
        except BaseException as error:
            self._settled = settled + self._settled
            self._changes = changes | self._changes
            if isinstance(error, Exception) and not isinstance(error, Unavailable):
                await self._settle_singly()
            raise

    def _demand(self) -> Demand:
        # Copies: the claim runs in a thread, while requests end on the event loop.
        now = self._clock.monotonic_ms()
        places = self._endpoints.places(now)
        places.update(self._lanes.places(now))
        return Demand(
            owner=self._owner,
            requests=self._requests.copy(),
            bytes=self._bytes.copy(),
            places=places,
            off={target for target, health in self._health.items() if health.off is not None},
        )

    async def _settle_singly(self) -> None:
        """Store results one by one: a failing row leaves the others stored."""
        while self._settled:
            settlement = self._settled[0]
            try:
                await self._write_settlement(settlement)
            except Unavailable:
                raise
            except Exception as error:
                log_failure(error, f"the end of {settlement.delivery.id} can't be written")
                why = f"its end can't be written: {type(error).__name__}"
                await self._write_settlement(leases.unsettled(settlement, why))
            self._settled.remove(settlement)

    async def _write_settlement(self, settlement: Settlement) -> None:
        now = self._clock.now_ms()
        await self._database.write(lambda c: leases.settle_deliveries(c, [settlement], now))

    def _begin(self, claim: Claim) -> None:
        self._endpoints.begin_request(claim.delivery.endpoint)
        self._lanes.begin_request(claim.delivery.lane)
        self._requests.take_share(claim.delivery.lane, 1)
        self._bytes.take_share(claim.delivery.lane, claim.size)
        task = self._loop.create_task(self._attempt(claim))
        self._attempts[task] = claim.delivery
        task.add_done_callback(partial(self._end, claim.size))

    def _end(self, size: int, task: asyncio.Task[None]) -> None:
        lane = self._attempts.pop(task).lane
        self._requests.return_share(lane, 1)
        self._bytes.return_share(lane, size)

    async def _attempt(self, claim: Claim) -> None:
        delivery, started = claim.delivery, self._clock.now_ms()
        try:
            answer = await self._runner.run(claim, started)
        except BaseException:
            self._end_request(delivery, None)
            raise
        ended = self._clock.now_ms()
        self._end_request(delivery, answer)
        status = answer.response.status if answer.response else None
        attempt = Attempt(
            delivery.id,
            delivery.attempts,
            started,
            ended,
            answer.outcome.value,
            status,
            answer.record,
        )
        self.counts.add(delivery, answer.outcome)
        self._note_health(delivery, answer.outcome, ended)
        settlement = self._runner.settle(claim, attempt, answer, ended)
        self.counts.add_ends([settlement.state])
        self._settled.append(settlement)
        self.wake()

    def _end_request(self, delivery: Delivery, answer: AttemptResult | None) -> None:
        """Record an attempt's outcome for its endpoint, or for its lane if no request was sent."""
        of_endpoint = of_lane = None
        if answer and answer.endpoint is None:
            of_lane = answer.outcome
        elif answer:
            of_lane = AttemptOutcome.DELIVERED
            # A template may send the request to another endpoint than the delivery's.
            is_own = answer.endpoint == delivery.endpoint
            of_endpoint = answer.outcome if is_own else None
        now = self._clock.monotonic_ms()
        self._endpoints.end_request(delivery.endpoint, now, of_endpoint)
        self._lanes.end_request(delivery.lane, now, of_lane)

    def _note_health(self, delivery: Delivery, outcome: AttemptOutcome, now_ms: int) -> None:
        target = (delivery.kind, delivery.target)
        known = self._health.get(target)
        changed = health_after(known, outcome, now_ms)
        if changed == known:
            return
        if changed is None:
            del self._health[target]
        else:
            self._health[target] = changed
        self._changes[target] = changed

    async def _read_health(self) -> None:
        def read(connection: Connection) -> dict[Target, EndpointHealth]:
            rows = connection.execute(select(targets))
            return {
                (row.kind, row.target): EndpointHealth(row.failing_since, row.off, row.reason)
                for row in rows
            }

        self._health = await self._database.read(read)

    async def _renew(self) -> None:
        """Keep this process's leases, and take over the expired ones of others."""
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(Exception):  # `_turn` logs it
                await self._keep_leases()
                await self._end_leases(_find_lapsed)

    async def _keep_leases(self) -> None:
        """Renew the leases of this process, and end those it does not know of."""
        # In turns with claims: each lease is either known here or not stored yet.
        async with self._turning:
            held = [delivery.id for delivery in self._attempts.values()]
            held += [settlement.delivery.id for settlement in self._settled]

            def keep(connection: Connection) -> Sequence[str]:
                if connection.dialect.name == "sqlite":
                    return ()
                leases.renew_leases(connection, self._owner, held)
                return leases.find_unheld(connection, self._owner, held)

            await self._end_leases(keep)

    async def _tidy(self) -> None:
        """Remove deliveries of expired events, and recall far retries."""
        while True:
            await asyncio.sleep(TIDY_S)
            with suppress(Exception):  # `_turn` logs it
                await self._outbox.prune_deliveries()
            with suppress(Exception):
                await recall_far_retries(self._database, self._clock)

    def _return_leases(self) -> None:
        """Return the leases of unfinished attempts, for another process to retry at once."""
        now = self._clock.now_ms()
        for task, delivery in list(self._attempts.items()):
            task.cancel()
            why = "the worker was stopped"
            attempt = leases.lost_attempt(delivery, now, why)
            given_back = delivery.without_try()
            self._settled.append(Settlement(given_back, attempt, DeliveryState.PENDING, now, why))


def _find_lapsed(connection: Connection) -> Sequence[str]:
    return () if connection.dialect.name == "sqlite" else leases.find_lapsed(connection)


def _exchange(
    connection: Connection,
    *,
    settled: Sequence[Settlement],
    changes: Mapping[Target, EndpointHealth | None],
    demand: Demand | None,
    now_ms: int,
) -> tuple[list[Claim], list[Delivery]]:
    leases.settle_deliveries(connection, settled, now_ms)
    leases.change_health(connection, changes)
    return leases.claim_deliveries(connection, demand, now_ms) if demand else ([], [])
