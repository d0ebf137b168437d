"""A channel lives from create to delete, and the official one for ever."""

from __future__ import annotations

import re
from typing import Any

import pytest
from huaweicloudsdkeg import v1
from sqlalchemy import delete, insert

from changes_at_once import change_at_once
from eventgrid_sdk import REQUEST_ID
from stored import Stored
from tallystick.apis.eventgrid import channels
from tallystick.apis.eventgrid.exceptions import InvalidChannel, NameDuplicated, NotModifiable
from tallystick.apis.eventgrid.tables import sources
from tallystick.contract.exceptions import NotFound


def test_a_channel_is_made_shown_changed_and_listed(sdk: Any, channel: Any) -> None:
    assert channel.provider_type == "CUSTOM"
    assert re.fullmatch(REQUEST_ID, channel.x_request_id)
    shown = sdk.show_detail_of_channel(v1.ShowDetailOfChannelRequest(channel_id=channel.id))
    assert (shown.name, shown.created_time) == (channel.name, channel.created_time)
    body = v1.ChannelUpdateReq(description="changed, ünd with spaces")
    sdk.update_channel(v1.UpdateChannelRequest(channel_id=channel.id, body=body))
    listed = sdk.list_channels(
        v1.ListChannelsRequest(fuzzy_name=channel.name[:20], sort="name:ASC")
    )
    assert [(c.id, c.description) for c in listed.items] == [(channel.id, body.description)]


def create(stored: Stored, name: str = "mine", **more: Any) -> channels.Channel:
    return stored.write(channels.create_channel, "p", {"name": name, **more}, 1_000)


def test_every_project_has_an_official_channel_that_never_changes(stored: Stored) -> None:
    [official] = stored.write(channels.list_channels, "p")
    assert official == channels.default_channel("p")
    assert official["id"] != channels.default_channel("q")["id"]
    for change in (
        lambda c: channels.update_channel(c, "p", official["id"], {}, 1),
        lambda c: channels.delete_channel(c, "p", official["id"]),
    ):
        with pytest.raises(NotModifiable, match="official"):
            stored.write(change)
    with pytest.raises(InvalidChannel):
        stored.write(channels.get_custom_channel, "p", official["id"])


def test_a_name_is_given_once_in_a_project_and_default_never(stored: Stored) -> None:
    create(stored)
    for name in ("mine", "default"):
        with pytest.raises(NameDuplicated):
            create(stored, name)
    stored.write(channels.create_channel, "q", {"name": "mine"}, 1_000)


def test_a_channel_changes_what_is_given_alone(stored: Stored) -> None:
    made = create(stored, description="first", enterprise_project_id="e")
    changed = stored.write(
        channels.update_channel, "p", made["id"], {"description": "second", "name": "no"}, 61_000
    )
    assert (changed["name"], changed["description"]) == ("mine", "second")
    assert changed["enterprise_project_id"] == "e"
    assert changed["created_time"] != changed["updated_time"] == "1970-01-01T00:01:01Z"


@pytest.mark.parametrize(("given", "kept"), [("e", "e"), ("", "0"), ("all_granted_eps", "0")])
def test_a_channel_is_made_in_one_enterprise_project(stored: Stored, given: str, kept: str) -> None:
    assert create(stored, enterprise_project_id=given)["enterprise_project_id"] == kept


def test_another_project_does_not_see_a_channel(stored: Stored) -> None:
    made = create(stored)
    with pytest.raises(NotFound):
        stored.write(channels.get_channel, "q", made["id"])


def test_a_channel_that_is_used_stays(stored: Stored) -> None:
    made = create(stored)
    source = {"id": "s", "project": "p", "name": "s", "description": "", "event_types": "[]"}
    source |= {"provider_type": "CUSTOM", "channel_id": made["id"], "type": "APPLICATION"}
    stored.write(lambda c: c.execute(insert(sources).values(**source, created=1, updated=1)))
    with pytest.raises(NotModifiable, match="has sources or subscriptions"):
        stored.write(channels.delete_channel, "p", made["id"])
    stored.write(lambda c: c.execute(delete(sources)))
    stored.write(channels.delete_channel, "p", made["id"])
    assert len(stored.write(channels.list_channels, "p")) == 1


def test_of_two_changes_at_once_by_two_processes_none_is_lost(postgres_url: str) -> None:
    def change(body: dict[str, Any]) -> Any:
        return lambda c: channels.update_channel(c, "p", "1", body, 2)

    changed = change_at_once(
        postgres_url,
        lambda c: channels.create_channel(c, "p", {"name": "mine"}, 1, "1"),
        change({"policy": {"ours": True}}),
        change({"description": "theirs"}),
    )
    assert (changed["description"], changed["policy"]) == ("theirs", {"ours": True})
