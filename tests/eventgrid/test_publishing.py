"""Events are published, each with its result."""

from __future__ import annotations

import re
from typing import Any

from huaweicloudsdkeg import v1

from eventgrid_sdk import REQUEST_ID


def test_events_are_published_each_with_its_result(sdk: Any, channel: Any, source: Any) -> None:
    known = v1.CloudEvents(id="1", source=source.name, specversion="1.0", type="t", data={"n": 1})
    unknown = v1.CloudEvents(id="2", source="nobody", specversion="1.0", type="t")
    body = v1.PutEventsReq(events=[known, unknown])
    result = sdk.put_events(v1.PutEventsRequest(channel_id=channel.id, body=body))
    assert result.failed_count == 1
    assert [(e.event_id, e.error_code) for e in result.events] == [
        ("1", None),
        ("2", "EG.00014040"),
    ]
    assert re.fullmatch(REQUEST_ID, result.x_request_id)
