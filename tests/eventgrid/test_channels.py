"""A channel lives from create to delete, by the vendor's SDK."""

from __future__ import annotations

import re
from typing import Any

from huaweicloudsdkeg import v1

from eventgrid_sdk import REQUEST_ID


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
