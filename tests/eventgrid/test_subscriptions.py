"""A subscription lives from create to delete, by the vendor's SDK."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from huaweicloudsdkeg import v1

from eventgrid_sdk import refused


def test_a_subscription_lives_from_create_to_delete(sdk: Any, channel: Any, source: Any) -> None:
    taken = v1.SubscriptionSource(
        name=source.name,
        provider_type="CUSTOM",
        filter={"source": [{"op": "StringIn", "values": [source.name]}]},
    )
    target = v1.SubscriptionTarget(
        name="HTTPS",
        provider_type="CUSTOM",
        detail={"url": "https://hooks.example.com/"},
        transform=v1.TransForm(type="VARIABLE", value='{"n":"$.data.n"}', template="n is ${n}"),
    )
    body = v1.SubscriptionCreateReq(
        name=f"subscription-{uuid4()}", channel_id=channel.id, sources=[taken], targets=[target]
    )
    made = sdk.create_subscription(v1.CreateSubscriptionRequest(body=body))
    assert (made.status, made.targets[0].transform.template) == ("ENABLED", "n is ${n}")

    disable = v1.SubscriptionOperateReq(operation="DISABLE", subscription_ids=[made.id])
    request = v1.ExecuteSubscriptionOperationRequest(body=disable)
    assert sdk.execute_subscription_operation(request).failed_count == 0
    show = v1.ShowDetailOfSubscriptionRequest(subscription_id=made.id)
    assert sdk.show_detail_of_subscription(show).status == "DISABLED"

    sdk.delete_subscription(v1.DeleteSubscriptionRequest(subscription_id=made.id))
    assert refused(lambda: sdk.show_detail_of_subscription(show))[0] == 404
