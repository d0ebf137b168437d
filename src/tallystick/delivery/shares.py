"""Fair shares of a process's limits on deliveries: concurrent requests, and memory for events."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

RESERVE = 4
"""One part in this many of a pool is reserved for tenants without a share."""

TENANT = 2
"""The factor of dynamic thresholds: a tenant may have this many times the free amount."""


class Lane(NamedTuple):
    """The queue of one tenant's deliveries to one endpoint."""

    tenant: str
    endpoint: str


class SharedPool:
    """A limited amount with a fair share for each lane, so that latecomers find some left.

    A tenant may have at most twice the free amount beside the reserve, and a lane at most the rest
    of its tenant's limit. More tenants thus get smaller shares, and their number need not be known.
    The rule is that of dynamic thresholds for shared buffers (Choudhury and Hahne, 1998).
    """

    def __init__(self, capacity: int) -> None:
        """`capacity` is the total amount."""
        self.capacity = capacity
        self.held = 0
        """The amount that is given out."""
        self._common = capacity - capacity // RESERVE
        self._tenants: Counter[str] = Counter()
        self._lanes: Counter[Lane] = Counter()

    def copy(self) -> SharedPool:
        """Return an independent copy."""
        made = SharedPool(self.capacity)
        made.held = self.held
        made._tenants, made._lanes = self._tenants.copy(), self._lanes.copy()
        return made

    def count_free(self, lane: Lane) -> int:
        """Return how many more shares of 1 the lane may take, while other lanes take none."""
        # The rule of `admits_share`, solved for n shares of 1: each lowers the free amount, and
        # raises what lane and tenant have, so n * (TENANT + 2) <= TENANT * left - theirs.
        left = self._common - self.held
        theirs = self._lanes[lane] + self._tenants[lane.tenant]
        more = (TENANT * left - theirs) // (TENANT + 2)
        return max(more, int(self.admits_share(lane, 1)))

    def admits_share(self, lane: Lane, amount: int) -> bool:
        """Return whether the lane may take the amount; in an empty pool it may be of any size."""
        if self.held + amount > self.capacity:
            return not self.held
        of_tenant, of_lane = self._tenants[lane.tenant], self._lanes[lane]
        if not of_tenant:
            return True
        left = self._common - self.held - amount
        if not of_lane:
            return left >= 0
        return of_lane + amount <= TENANT * left - (of_tenant + amount)

    def take_share(self, lane: Lane, amount: int) -> None:
        """Give the amount to the lane."""
        self.held += amount
        self._tenants[lane.tenant] += amount
        self._lanes[lane] += amount

    def return_share(self, lane: Lane, amount: int) -> None:
        """Take the amount back from the lane."""
        self.held -= amount
        self._tenants[lane.tenant] -= amount
        self._lanes[lane] -= amount
        if not self._tenants[lane.tenant]:
            del self._tenants[lane.tenant]
        if not self._lanes[lane]:
            del self._lanes[lane]
