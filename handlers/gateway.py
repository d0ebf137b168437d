from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis import request_id
from tallystick.apis.gateway import Room
from tallystick.contract.problem import Answer
from tallystick.contract.request import Request

Reply = tuple[bytes | Mapping[str, object], int, Mapping[str, str]]

JSON = {"Content-Type": "application/json"}
METRICS = {"Content-Type": "text/plain; version=0.0.4"}
YAML = {"Content-Type": "application/yaml"}


async def list_stored_events(
    room: Room,
    limit: int,
    api: str | None = None,
    type_: str | None = None,
    source: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    cursor: str | None = None,
) -> Reply:
    page = await room.page(
        api=api, type_=type_, source=source, from_=from_, to=to, limit=limit, cursor=cursor
    )
    return page, 200, JSON


async def get_stored_event(room: Room, id_: str) -> Reply:
    return await room.event(id_), 200, JSON


async def list_subscriptions(room: Room) -> Reply:
    return {"subscriptions": await room.subscriptions.all()}, 200, JSON


async def create_subscription(room: Room, body: Mapping[str, Any]) -> Reply:
    return await room.subscriptions.create(body), 201, JSON


async def get_subscription(room: Room, id_: str) -> Reply:
    return await room.subscriptions.one(id_), 200, JSON


async def replace_subscription(room: Room, id_: str, body: Mapping[str, Any]) -> Reply:
    return await room.subscriptions.replace(id_, body), 200, JSON


async def delete_subscription(room: Room, id_: str) -> tuple[None, int]:
    await room.subscriptions.remove(id_)
    return None, 204


async def rotate_subscription_secret(room: Room, id_: str) -> Reply:
    return await room.subscriptions.rotate(id_), 200, JSON


async def list_deliveries(
    room: Room,
    limit: int,
    event: str | None = None,
    api: str | None = None,
    target: str | None = None,
    endpoint: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
) -> Reply:
    page = await room.deliveries(
        event=event,
        api=api,
        target=target,
        endpoint=endpoint,
        state=state,
        limit=limit,
        cursor=cursor,
    )
    return page, 200, JSON


async def get_delivery(room: Room, id_: str) -> Reply:
    return await room.delivery(id_), 200, JSON


async def replay_deliveries(room: Room, body: Mapping[str, Any]) -> Reply:
    return await room.replay(body), 200, JSON


def list_mock_rules(room: Room) -> Mapping[str, Any]:
    return room.mock.rules()


def create_mock_rule(room: Room, body: Mapping[str, Any]) -> tuple[Any, int]:
    return room.mock.add_rule(body), 201


def delete_mock_rules(room: Room) -> tuple[None, int]:
    room.mock.clear_rules()
    return None, 204


def delete_mock_rule(room: Room, id_: str) -> tuple[None, int]:
    room.mock.remove_rule(id_)
    return None, 204


def list_mock_requests(
    room: Room,
    limit: int,
    operation: str | None = None,
    path: str | None = None,
    text: str | None = None,
) -> Answer:
    return room.mock.requests(operation, path, text, limit)


def get_mock_request(room: Room, id_: str) -> Answer:
    return room.mock.request(id_)


async def delete_mock_requests(room: Room) -> tuple[None, int]:
    await room.mock.clear_requests()
    return None, 204


def stream_mock_requests(room: Room, after: int | None = None, limit: int | None = None) -> Answer:
    return room.mock.stream(after, limit)


async def verify_mock_requests(room: Room, body: Mapping[str, Any]) -> Answer:
    return await room.mock.verify(body)


async def reset_mock(room: Room) -> tuple[None, int]:
    await room.mock.reset()
    return None, 204


def list_mock_snapshots(room: Room) -> Mapping[str, Any]:
    return room.mock.snapshots()


async def take_mock_snapshot(room: Room, name: str) -> tuple[None, int]:
    await room.mock.take_snapshot(name)
    return None, 204


async def restore_mock_snapshot(room: Room, name: str) -> tuple[None, int]:
    await room.mock.restore_snapshot(name)
    return None, 204


def delete_mock_snapshot(room: Room, name: str) -> tuple[None, int]:
    room.mock.remove_snapshot(name)
    return None, 204


def get_mock_clock(room: Room) -> Mapping[str, Any]:
    return room.mock.clock()


def set_mock_clock(room: Room, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return room.mock.set_clock(body)


async def get_mock_page(room: Room) -> Reply:
    room.refuse_unless_mock()
    return await _webpage(room, "mock")


async def get_health() -> Reply:
    return {"status": "ok"}, 200, JSON


async def get_readiness(room: Room) -> Reply:
    await room.ready()
    return {"status": "ok"}, 200, JSON


async def get_metrics(room: Room) -> Reply:
    return room.metrics(), 200, METRICS


async def get_joined_document(room: Room) -> Reply:
    return await room.joined_document(), 200, YAML


async def get_document(room: Room, document: str) -> Reply:
    return room.document(document), 200, YAML


async def get_reference(room: Room) -> Reply:
    return await _webpage(room, "docs")


async def list_api_versions(room: Room, request: Request) -> Reply:
    id_ = {request_id.HEADER: request_id.new()}
    if "text/html" not in (request.header(b"accept") or ""):
        return room.versions(), 200, {**JSON, **id_}
    html, status, headers = await _webpage(room, "landing")
    return html, status, {**headers, **id_}


async def _webpage(room: Room, name: str) -> Reply:
    html, policy = await room.webpage(name)
    return html, 200, {"Content-Type": "text/html", "Content-Security-Policy": policy}
