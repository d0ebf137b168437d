"""The dev world has the crons that everybody knows, and makes only those that are missing."""

from __future__ import annotations

import pytest

from charon_world import World
from tallystick.apis.charon import dev_world

pytestmark = pytest.mark.anyio


async def test_the_known_crons_are_made_once(world: World) -> None:
    async with world.process() as process:
        for _ in range(2):
            await process.register.write(dev_world.restore_crons)
        listed = (await process.crons.list_crons(10, None))["crons"]
        assert [(cron["id"], cron["slug"], cron["state"]) for cron in listed] == [
            (1, "nightly-report", "on_time"),
            (2, "retired-import", "paused"),
        ]


async def test_a_known_cron_that_was_changed_stays_as_it_is(world: World) -> None:
    async with world.process() as process:
        await process.register.write(dev_world.restore_crons)
        await process.crons.update_cron("nightly-report", {"name": "Mine", "grace": 5})
        await process.crons.delete_cron("retired-import")
        await process.register.write(dev_world.restore_crons)
        listed = (await process.crons.list_crons(10, None))["crons"]
        assert {(cron["name"], cron["grace"]) for cron in listed} == {
            ("Mine", 5),
            ("Retired import", 1_800),
        }


def test_the_lines_to_paste_lead_to_the_server_with_the_known_key() -> None:
    lines = [sample.curl for sample in dev_world.samples("http://127.0.0.1:9")]
    assert len(lines) == 3
    for line in lines:
        assert "http://127.0.0.1:9" in line
        assert dev_world.KEY in line
