"""What a call of a contract without Python costs, beside one of our own: counted, never timed."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from contract_runtime import ContractCaller
from instruction_count import count_instructions
from project import ROOT
from tallystick.clock import SystemClock
from tallystick.runtime import ServerRuntime
from tallystick.settings import Settings

pytestmark = pytest.mark.anyio

MOST = 1.3
ROUNDS = 4
NOW_MS = 1_790_000_000_000
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
CRM = ROOT / "examples" / "crm" / "crm.yaml"


async def count_posts(target: str, body: object, secret: str, *contracts: Path) -> float:
    """Instructions of one POST that is stored in memory."""
    settings = Settings(
        database="sqlite://",
        access_log=False,
        dev=not contracts,
        contracts=tuple(map(str, contracts)),
        contract_keys=(f"apiKey={secret}",) if contracts else (),
    )
    runtime = ServerRuntime(settings)
    async with runtime.opened():
        caller = ContractCaller(runtime)

        async def post() -> None:
            said = await caller.call("POST", target, body, headers={"x-api-key": secret})
            assert said.status in (200, 201)

        # The least of some rounds: in others the server's own tasks had a turn.
        return min([await count_instructions(post) for _ in range(ROUNDS)])


async def test_an_item_that_is_stored_costs_at_most_a_third_more_than_an_event_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # An id takes another way within the millisecond of the one before.
    ticks = itertools.count(NOW_MS)
    monkeypatch.setattr(SystemClock, "now_ms", lambda _self: next(ticks))
    ours = await count_posts("/create", EVENT, "XXX1XX12XxxxXXxxXXx0xXxx")
    foreign = await count_posts("/customers", {"name": "Ada Lovelace"}, "secret", CRM)
    assert foreign <= MOST * ours
