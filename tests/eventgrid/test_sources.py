"""A source lives from create to delete, and nobody sees the secrets of its connection."""

from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from huaweicloudsdkeg import v1
from sqlalchemy import Connection, select

from changes_at_once import change_at_once
from eventgrid_sdk import REQUEST_ID, refused
from server_process import ServerProcess, StartServer
from tallystick.apis.eventgrid import channels, tables
from tallystick.apis.eventgrid.sources import Sources
from tallystick.apis.rabbitmq_instances import RabbitmqInstances
from tallystick.encryption import Encryptor

RABBITMQ = {
    "instance_id": "rabbit-1",
    "user_name": "reader",
    "password": "a rabbit's secret",
    "vhost_name": "default",
    "queue_name": "orders",
}
ROCKETMQ = v1.RocketMqDetail(
    instance_id="rocket-1",
    group="readers",
    topic="orders",
    namesrv_address="10.0.0.1:8100",
    ssl_enable=False,
    enable_acl=True,
    access_key="reader",
    secret_key="a rocket's secret",
)
PASSWORD = "a-password-to-look-for"
PROJECT = "0123456789abcdef0123456789abcdef"
CHANNEL = "11111111-1111-4111-8111-111111111111"
TOKEN = {"X-Auth-Token": "dev-token"}
DETAIL = {"instance_id": "i", "user_name": "u", "vhost_name": "v", "queue_name": "q"}


def create(server: ServerProcess, name: str = "rabbit") -> Any:
    detail = {**DETAIL, "password": PASSWORD}
    body = {"name": name, "channel_id": CHANNEL, "type": "RABBITMQ", "detail": detail}
    url = f"{server.url}/v1/{PROJECT}/sources"
    answer = requests.post(url, json=body, headers=TOKEN, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


def show(server: ServerProcess, id_: str) -> Any:
    url = f"{server.url}/v1/{PROJECT}/sources/{id_}"
    return requests.get(url, headers=TOKEN, timeout=10).json()


def test_a_password_is_in_no_file_and_no_answer(start_server: StartServer, tmp_path: Path) -> None:
    server = start_server()
    made = create(server)
    assert made["detail"] == {**DETAIL, "password": "******"}
    server.stop()
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or PASSWORD.encode() not in file.read_bytes(), file


def test_what_was_sealed_is_read_after_a_restart(start_server: StartServer) -> None:
    server = start_server()
    made = create(server)
    server.restart()
    assert show(server, made["id"]) == made


def test_a_source_whose_key_is_lost_says_so_and_takes_a_new_detail(
    start_server: StartServer,
) -> None:
    server = start_server()
    made = create(server)
    server.stop()
    server.database.with_name(f"{server.database.name}.key").unlink()
    server.start()
    lost = show(server, made["id"])
    assert (lost["status"], lost["detail"]) == ("ERROR", {})
    assert lost["error_info"]["error_code"] == "EG.00015000"
    url = f"{server.url}/v1/{PROJECT}/sources/{made['id']}"
    again = {"detail": {**DETAIL, "password": PASSWORD}}
    changed = requests.put(url, json=again, headers=TOKEN, timeout=10).json()
    assert changed["detail"]["password"] == "******"
    assert "no address is known" in changed["error_info"]["error_detail"]


@pytest.mark.parametrize(
    ("type_", "detail", "shown", "status"),
    [
        ("APPLICATION", None, {}, "RUNNING"),
        ("RABBITMQ", RABBITMQ, {**RABBITMQ, "password": "******"}, "ERROR"),
        ("ROCKETMQ", ROCKETMQ, {**ROCKETMQ.to_dict(), "secret_key": "******"}, "ERROR"),
    ],
    ids=["application", "rabbitmq", "rocketmq"],
)
def test_a_source_of_each_type_lives_from_create_to_delete(
    sdk: Any, channel: Any, type_: str, detail: Any, shown: Any, status: str
) -> None:
    name = f"source-{uuid4()}"
    body = v1.CustomizeSourceCreateReq(
        name=name, channel_id=channel.id, type=type_, detail=detail, description="test"
    )
    made = sdk.create_event_source(v1.CreateEventSourceRequest(body=body))
    assert (made.type, made.status, made.channel_name) == (type_, status, channel.name)
    assert made.detail == {name: value for name, value in shown.items() if value is not None}
    assert re.fullmatch(REQUEST_ID, made.x_request_id)

    change = v1.CustomizeSourceUpdateReq(description="changed")
    request = v1.UpdateEventSourceRequest(source_id=made.id, body=change)
    assert sdk.update_event_source(request).description == "changed"
    listed = sdk.list_event_sources(v1.ListEventSourcesRequest(channel_id=channel.id, limit=1))
    assert (listed.total, [source.name for source in listed.items]) == (1, [name])

    sdk.delete_event_source(v1.DeleteEventSourceRequest(source_id=made.id))
    show = v1.ShowDetailOfEventSourceRequest(source_id=made.id)
    assert refused(lambda: sdk.show_detail_of_event_source(show)) == (
        404,
        "EG.00014040",
        "Not request resource found",
    )


def test_a_source_that_this_server_does_not_read_says_so(start_server: StartServer) -> None:
    server = start_server()
    detail = {"group": "g", "topic": "t"}
    body = {"name": "rocket", "channel_id": CHANNEL, "type": "ROCKETMQ", "detail": detail}
    url = f"{server.url}/v1/{PROJECT}/sources"
    made = requests.post(url, json=body, headers=TOKEN, timeout=10).json()
    assert made["status"] == "ERROR"
    assert "does not read RocketMQ" in made["error_info"]["error_detail"]


def test_a_password_that_is_given_while_another_process_changes_the_source_stays(
    postgres_url: str,
) -> None:
    encryptor = Encryptor(["a key"])
    sources = Sources(encryptor, RabbitmqInstances({}, encryptor))

    def make(connection: Connection) -> None:
        channel = channels.create_channel(connection, "p", {"name": "mine"}, 1)
        body = {"name": "rabbit", "channel_id": channel["id"], "type": "RABBITMQ"}
        sources.create_source(connection, "p", {**body, "detail": RABBITMQ}, 1)

    def change(connection: Connection, **members: str) -> Any:
        [made] = sources.list_sources(connection, "p")
        body = {"detail": {**RABBITMQ, **members}}
        sources.update_source(connection, "p", made["id"], body, 2)
        sealed = connection.scalars(select(tables.sources.c.detail)).one()
        return json.loads(encryptor.decrypt(sealed))

    changed = change_at_once(
        postgres_url,
        make,
        partial(change, password=PASSWORD),
        partial(change, password="******", queue_name="returns"),
    )
    assert (changed["password"], changed["queue_name"]) == (PASSWORD, "returns")


def test_sources_of_one_second_are_listed_in_their_order(sdk: Any, channel: Any) -> None:
    made = []
    for _ in range(5):
        body = v1.CustomizeSourceCreateReq(name=f"source-{uuid4()}", channel_id=channel.id)
        made.append(sdk.create_event_source(v1.CreateEventSourceRequest(body=body)).id)
    for sort, ids in (("created_time:ASC", made), ("created_time:DESC", made[::-1])):
        asked = v1.ListEventSourcesRequest(channel_id=channel.id, sort=sort)
        assert [item.id for item in sdk.list_event_sources(asked).items] == ids
    for id_ in made:
        sdk.delete_event_source(v1.DeleteEventSourceRequest(source_id=id_))
