"""The vendor's SDK, unmodified, against a real server: what it signs is verified."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import requests
from huaweicloudsdkeg import v1

from eventgrid_sdk import REQUEST_ID, refused
from server_process import ServerProcess


def test_the_versions_of_the_api_are_listed(sdk: Any) -> None:
    [version] = sdk.list_api_versions(v1.ListApiVersionsRequest()).versions
    assert (version.id, version.status) == ("v1", "CURRENT")


def test_what_the_rules_refuse_is_an_exception_with_its_code(sdk: Any, source: Any) -> None:
    def create(name: str, channel_id: str) -> Any:
        body = v1.CustomizeSourceCreateReq(name=name, channel_id=channel_id)
        return sdk.create_event_source(v1.CreateEventSourceRequest(body=body))

    duplicated = refused(lambda: create(source.name, source.channel_id))
    assert duplicated == (400, "EG.00513001", "name duplicated")
    assert refused(lambda: create("Capital", source.channel_id)) == (
        400,
        "EG.00014000",
        "Bad request",
    )
    assert refused(lambda: create("x", "no-channel")) == (400, "EG.00513005", "invalid channel")


def test_the_page_s_request_works_with_a_token(server: ServerProcess, channel: Any) -> None:
    url = f"{server.url}/v1/0123456789abcdef0123456789abcdef/sources"
    token = {"X-Auth-Token": "dev-token"}
    name = f"name-{uuid4()}"
    body = {"name": name, "description": "test", "channel_id": channel.id}
    made = requests.post(url, json=body, headers=token, timeout=10)
    assert made.status_code == 200
    assert re.fullmatch(REQUEST_ID, made.headers["X-Request-Id"])
    ended = requests.delete(f"{url}/{made.json()['id']}", headers=token, timeout=10)
    assert ended.status_code == 204
    assert re.fullmatch(REQUEST_ID, ended.headers["X-Request-Id"])


def test_an_error_repeats_its_request_s_id(server: ServerProcess) -> None:
    answer = requests.get(f"{server.url}/v1/p/sources", timeout=10)
    assert answer.status_code == 401
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"]
