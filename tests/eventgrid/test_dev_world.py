"""The dev world of eventgrid is made once, and its lines to paste lead to it."""

from __future__ import annotations

from sqlalchemy import select

from stored import Stored
from tallystick.apis.eventgrid import channels, dev_world, quotas
from tallystick.apis.eventgrid.tables import sources


def test_what_is_missing_is_made_and_what_is_there_stays(stored: Stored) -> None:
    stored.write(dev_world.restore, 1_000)
    own = dev_world.PROJECT, dev_world.CHANNEL
    stored.write(channels.update_channel, *own, {"description": "Mine."}, 2_000)
    stored.write(dev_world.restore, 3_000)
    shown = stored.write(channels.get_channel, *own)
    assert (shown["name"], shown["description"]) == ("dev-channel", "Mine.")
    [found] = stored.write(lambda c: c.execute(select(sources.c.name, sources.c.provider_type)))
    assert tuple(found) == ("HC.OBS", "OFFICIAL")


def test_the_dev_channel_counts_once_to_its_project(stored: Stored) -> None:
    for _ in range(2):
        stored.write(dev_world.restore, 1_000)
    [quota] = stored.write(quotas.list_quotas, dev_world.PROJECT, quotas.CHANNEL)
    assert quota["used"] == 1


def test_the_lines_to_paste_have_the_server_and_the_known_credentials() -> None:
    create, listing = dev_world.samples("http://127.0.0.1:9")
    for sample in (create, listing):
        assert f"http://127.0.0.1:9/v1/{dev_world.PROJECT}/sources" in sample.curl
        assert f"X-Auth-Token: {dev_world.TOKEN}" in sample.curl
    assert dev_world.CHANNEL in create.curl
    assert f"AK {dev_world.ACCESS_KEY}, SK {dev_world.SECRET_KEY}" in listing.title
