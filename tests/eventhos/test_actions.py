"""Actions are checked when they are saved, and keep their secrets."""

from __future__ import annotations

from typing import Any

import pytest

from eventhos_endpoint import SIGNING_SECRET, Endpoint, grant
from eventhos_world import World, short_live
from tallystick.apis.eventhos.exceptions import BadField


def test_a_secret_is_answered_as_a_mask_which_changes_nothing_when_sent_back(
    world: World, endpoint: Endpoint
) -> None:
    endpoint.answers["/token"] = (200, b'{"access_token":"t"}')
    call = grant(endpoint)
    call["headers"] = [{"key": "X-API-Key", "value": "hidden"}]
    world.open()
    world.tie("bomb", endpoint.url + "/", webhookSecrets=[SIGNING_SECRET], **call)
    [shown] = world.run(world.service.list_of_system(1, "actions"))
    assert shown["clientSecret"] == "***"
    assert shown["headers"] == [{"key": "X-API-Key", "value": "***"}]
    assert shown["signed"] is True
    assert "webhookSecrets" not in shown
    world.run(world.service.actions.update_resource(shown["id"], {**shown, "name": "other"}))
    world.send("bomb", short_live())
    world.deliver()
    assert b"client_secret=hush-hush" in endpoint.of("/token")[0].body
    [call_made] = endpoint.of("/")
    assert call_made.headers["x-api-key"] == "hidden"
    assert "webhook-signature" in call_made.headers


def test_an_action_is_shown_as_the_vendors_server_shows_it(
    world: World, endpoint: Endpoint
) -> None:
    world.open()
    call = grant(endpoint) | {"timeout": 5, "reply_to": ""}
    call["headers"] = [{"key": "X-API-Key", "value": "hidden"}, {"key": "X-Job", "value": "Leader"}]
    call["body"] = [{"key": "who", "value": "${.body.name}"}]
    world.tie("bomb", endpoint.url + "/", **call)
    [shown] = world.run(world.service.list_of_system(1, "actions"))
    assert shown["httpConfiguration"] == {
        "url": endpoint.url + "/",
        "method": "post",
        "headers": {"X-API-Key": "***", "X-Job": "Leader"},
        "params": {},
        "data": {"who": "${.body.name}"},
    }
    form = {"client_id": "us", "client_secret": "***", "grant_type": "client_credentials"}
    request = {"url": f"{endpoint.url}/token", "method": "post", "data": form}
    assert shown["security"] == {"type": "oauth2_client", "httpConfiguration": request}
    assert (shown["securityType"], shown["timeout"], shown["reply_to"]) == (
        "oauth2_client",
        5,
        None,
    )
    assert "hush-hush" not in str(shown)


def test_the_empty_texts_of_the_vendors_ui_are_taken(world: World, endpoint: Endpoint) -> None:
    world.open()
    empty: dict[str, Any] = {
        "securityType": "none",
        "securityUrl": "",
        "clientId": "",
        "clientSecret": "",
    }
    world.tie("bomb", endpoint.url, reply_to="", **empty)
    [shown] = world.run(world.service.list_of_system(1, "actions"))
    assert shown["securityType"] == "none"
    assert [shown[name] for name in ("securityUrl", "clientId", "clientSecret", "reply_to")] == (
        [None] * 4
    )
    assert shown["security"] == {"type": "custom", "httpConfiguration": {}}


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"url": "${.body.a"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "http://user:pass@example.com/"}, "url"),
        ({"headers": [{"key": "X", "value": "${.body[}"}]}, "headers"),
        ({"headers": [{"key": "Content-Length", "value": "1"}]}, "headers"),
        ({"queryUrlParams": [{"key": "X", "value": "${.nothing}"}]}, "queryUrlParams"),
        ({"body": [{"key": "X", "value": {"a": "${.body["}}]}, "body"),
        ({"rawBody": ["${."]}, "rawBody"),
        ({"securityType": "oauth2_client"}, "securityUrl"),
        ({"securityType": "oauth2_client", "securityUrl": "http://[::1"}, "clientId"),
        ({"webhookSecrets": ["whsec_MfKQ9r8GKYqrTwjUP"]}, "webhookSecrets"),
        ({"operation": "\ud800"}, "operation"),
    ],
)
def test_an_action_that_can_not_work_is_refused_with_the_members_name(
    world: World, endpoint: Endpoint, change: dict[str, Any], name: str
) -> None:
    world.open()
    with pytest.raises(BadField, match=rf"^{name}\b"):
        world.tie("bomb", **{"url": endpoint.url, **change})
