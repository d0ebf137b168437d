"""Each process has a name of its own for what it leases."""

from __future__ import annotations

import os

from tallystick.delivery.lease_owner import new_owner


def test_an_owner_is_unlike_any_other_and_names_its_process() -> None:
    owners = {new_owner(1_700_000_000_000) for _ in range(100)}
    assert len(owners) == 100
    assert all(f":{os.getpid()}:" in owner for owner in owners)
