"""Fair shares of what deliveries have in common: places for requests, and memory for events."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

RESERVE = 4
"""One part in so many is for tenants that have nothing of a pool yet."""

TENANT = 2
"""A tenant may have so many times what is left for others."""


class Lane(NamedTuple):
    """What waits for its turn together: all that one tenant sends to one endpoint."""

    tenant: str
    endpoint: str


class SharedPool:
    """An amount that lanes share, such that those who come later find some left.

    A tenant has at most twice what is left beside the reserve, and a lane at most what its tenant
    may still get: the more there are, the smaller is each one's share, without anybody counting
    them. The rule is that of dynamic thresholds for shared buffers (Choudhury and Hahne, 1998).
    """

    def __init__(self, capacity: int) -> None:
        """`capacity`: how much there is in all."""
        self.capacity = capacity
        self.held = 0
        """How much is given out."""
        self._common = capacity - capacity // RESERVE
        self._tenants: Counter[str] = Counter()
        self._lanes: Counter[Lane] = Counter()

    def copy(self) -> SharedPool:
        """Return a pool of the same state, to be changed by itself."""
        made = SharedPool(self.capacity)
        made.held = self.held
        made._tenants, made._lanes = self._tenants.copy(), self._lanes.copy()
        return made

    def count_free(self, lane: Lane) -> int:
        """Return how many more shares of 1 the lane may get, if no other gets any."""
        left = self._common - self.held
        theirs = self._lanes[lane] + self._tenants[lane.tenant]
        more = (TENANT * left - theirs) // (TENANT + 2)
        return max(more, int(self.admits_share(lane, 1)))

    def admits_share(self, lane: Lane, amount: int) -> bool:
        """Return whether the lane may get so much; the first of all may be of any size."""
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
        """Give a share to the lane."""
        self.held += amount
        self._tenants[lane.tenant] += amount
        self._lanes[lane] += amount

    def return_share(self, lane: Lane, amount: int) -> None:
        """Take a share back; a lane or tenant that has none left is forgotten."""
        self.held -= amount
        self._tenants[lane.tenant] -= amount
        self._lanes[lane] -= amount
        if not self._tenants[lane.tenant]:
            del self._tenants[lane.tenant]
        if not self._lanes[lane]:
            del self._lanes[lane]
