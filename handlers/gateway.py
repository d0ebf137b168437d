from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis import request_id
from tallystick.apis.gateway.service import GatewayService
from tallystick.contract.answer import Answer
from tallystick.contract.request import Request

Reply = tuple[bytes | Mapping[str, object], int, Mapping[str, str]]

JSON = {"Content-Type": "application/json"}
METRICS = {"Content-Type": "text/plain; version=0.0.4"}
YAML = {"Content-Type": "application/yaml"}


async def list_stored_events(
    service: GatewayService,
    limit: int,
    api: str | None = None,
    type_: str | None = None,
    source: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    cursor: str | None = None,
) -> Reply:
    wanted = {"api": api, "type": type_, "source": source, "subject": subject, "text": text}
    wanted |= {"from": from_, "to": to}
    return await service.list_events(wanted, limit, cursor), 200, JSON


async def get_stored_event(service: GatewayService, id_: str) -> Reply:
    return await service.get_event(id_), 200, JSON


async def list_subscriptions(
    service: GatewayService, limit: int, cursor: str | None = None
) -> Reply:
    return await service.subscriptions.list_subscriptions(limit, cursor), 200, JSON


async def create_subscription(service: GatewayService, body: Mapping[str, Any]) -> Reply:
    return await service.subscriptions.create_subscription(body), 201, JSON


async def get_subscription(service: GatewayService, id_: str) -> Reply:
    return await service.subscriptions.get_subscription(id_), 200, JSON


async def replace_subscription(service: GatewayService, id_: str, body: Mapping[str, Any]) -> Reply:
    return await service.subscriptions.replace_subscription(id_, body), 200, JSON


async def delete_subscription(service: GatewayService, id_: str) -> tuple[None, int]:
    await service.subscriptions.delete_subscription(id_)
    return None, 204


async def rotate_subscription_secret(service: GatewayService, id_: str) -> Reply:
    return await service.subscriptions.rotate_secret(id_), 200, JSON


async def send_test_event(service: GatewayService, id_: str) -> Reply:
    return await service.subscriptions.send_test(id_), 200, JSON


async def list_deliveries(
    service: GatewayService,
    limit: int,
    event: str | None = None,
    api: str | None = None,
    target: str | None = None,
    endpoint: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    state: str | None = None,
    cursor: str | None = None,
) -> Reply:
    wanted = {"event": event, "api": api, "target": target, "endpoint": endpoint, "state": state}
    wanted |= {"from": from_, "to": to}
    return await service.list_deliveries(wanted, limit, cursor), 200, JSON


async def get_delivery(service: GatewayService, id_: str) -> Reply:
    return await service.get_delivery(id_), 200, JSON


async def replay_deliveries(service: GatewayService, body: Mapping[str, Any]) -> Reply:
    return await service.replay_deliveries(body), 200, JSON


async def count_stored_events(
    service: GatewayService,
    by: str,
    api: str | None = None,
    type_: str | None = None,
    source: str | None = None,
    subject: str | None = None,
    text: str | None = None,
    from_: str | None = None,
    to: str | None = None,
) -> Reply:
    wanted = {"api": api, "type": type_, "source": source, "subject": subject, "text": text}
    wanted |= {"from": from_, "to": to}
    return await service.count_events(wanted, by), 200, JSON


async def count_deliveries(
    service: GatewayService,
    api: str | None = None,
    target: str | None = None,
    endpoint: str | None = None,
    from_: str | None = None,
    to: str | None = None,
) -> Reply:
    wanted = {"api": api, "target": target, "endpoint": endpoint, "from": from_, "to": to}
    return await service.count_deliveries(wanted), 200, JSON


async def stream_changes(
    service: GatewayService, token_info: Mapping[str, Any], limit: int | None = None
) -> Answer:
    return await service.stream_changes(limit, token_info)


async def list_endpoints(service: GatewayService, limit: int, cursor: str | None = None) -> Reply:
    return await service.list_endpoints(limit, cursor), 200, JSON


def list_mock_rules(service: GatewayService) -> Mapping[str, Any]:
    return service.mock.list_rules()


def create_mock_rule(service: GatewayService, body: Mapping[str, Any]) -> tuple[Any, int]:
    return service.mock.add_rule(body), 201


def replace_mock_rules(service: GatewayService, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return service.mock.replace_rules(body)


def delete_mock_rules(service: GatewayService) -> tuple[None, int]:
    service.mock.clear_rules()
    return None, 204


def delete_mock_rule(service: GatewayService, id_: str) -> tuple[None, int]:
    service.mock.remove_rule(id_)
    return None, 204


async def list_mock_requests(
    service: GatewayService,
    limit: int,
    operation: str | None = None,
    path: str | None = None,
    text: str | None = None,
    before: int | None = None,
) -> Answer:
    return await service.mock.list_requests(operation, path, text, before, limit)


def get_mock_request(service: GatewayService, id_: str) -> Answer:
    return service.mock.get_request(id_)


def delete_mock_requests(service: GatewayService) -> tuple[None, int]:
    service.mock.clear_requests()
    return None, 204


def stream_mock_requests(
    service: GatewayService,
    token_info: Mapping[str, Any],
    after: int | None = None,
    limit: int | None = None,
) -> Answer:
    return service.stream_mock_requests(after, limit, token_info)


async def verify_mock_requests(service: GatewayService, body: Mapping[str, Any]) -> Answer:
    return await service.mock.verify_requests(body)


async def reset_mock(service: GatewayService) -> tuple[None, int]:
    await service.mock.reset()
    return None, 204


def list_mock_snapshots(service: GatewayService) -> Mapping[str, Any]:
    return service.mock.list_snapshots()


async def take_mock_snapshot(service: GatewayService, name: str) -> tuple[None, int]:
    await service.mock.take_snapshot(name)
    return None, 204


async def restore_mock_snapshot(service: GatewayService, name: str) -> tuple[None, int]:
    await service.mock.restore_snapshot(name)
    return None, 204


def delete_mock_snapshot(service: GatewayService, name: str) -> tuple[None, int]:
    service.mock.remove_snapshot(name)
    return None, 204


def get_mock_clock(service: GatewayService) -> Mapping[str, Any]:
    return service.mock.get_clock()


async def set_mock_clock(service: GatewayService, body: Mapping[str, Any]) -> Mapping[str, Any]:
    return await service.mock.set_clock(body)


async def get_mock_page(service: GatewayService) -> Reply:
    service.refuse_unless_mock()
    return await _webpage(service, "console")


async def get_console(service: GatewayService) -> Reply:
    return await _webpage(service, "console")


async def get_console_screen(service: GatewayService, screen: str) -> Reply:  # noqa: ARG001  # the script reads it
    return await _webpage(service, "console")


async def get_console_asset(service: GatewayService, folder: str, file: str) -> Reply:
    content_type, body = await service.console_asset(folder, file)
    return body, 200, {"Content-Type": content_type, "Cache-Control": "no-cache"}


async def get_health() -> Reply:
    return {"status": "ok"}, 200, JSON


async def get_readiness(service: GatewayService) -> Reply:
    await service.ready()
    return {"status": "ok"}, 200, JSON


async def get_metrics(service: GatewayService) -> Reply:
    return await service.metrics(), 200, METRICS


async def get_joined_document(service: GatewayService) -> Reply:
    return await service.joined_document(), 200, YAML


async def get_document(service: GatewayService, document: str) -> Reply:
    return service.document(document), 200, YAML


async def get_reference(service: GatewayService) -> Reply:
    return await _webpage(service, "docs")


async def get_api_reference(service: GatewayService, api: str) -> Reply:
    return await _webpage(service, f"docs/{api}")


async def list_api_versions(service: GatewayService, request: Request) -> Reply:
    added = {request_id.HEADER: request_id.new_request_id(), "Vary": "Accept"}
    if "text/html" not in (request.header(b"accept") or ""):
        return service.versions(), 200, {**JSON, **added}
    html, status, headers = await _webpage(service, "landing")
    return html, status, {**headers, **added}


async def create_session(
    service: GatewayService, body: Mapping[str, Any], request: Request
) -> Reply:
    origin = request.header(b"origin") or ""
    session, cookie = await service.sessions.create_session(body["key"], origin)
    return session, 201, {**JSON, "Set-Cookie": cookie}


def get_session(service: GatewayService, token_info: Mapping[str, Any]) -> Reply:
    return service.sessions.get_session(token_info), 200, JSON


async def delete_session(
    service: GatewayService, token_info: Mapping[str, Any]
) -> tuple[None, int, Mapping[str, str]]:
    cookie = await service.sessions.delete_session(token_info)
    return None, 204, {"Set-Cookie": cookie}


async def list_keys(
    service: GatewayService,
    limit: int,
    api: str | None = None,
    cursor: str | None = None,
    expiring: bool = False,
) -> Reply:
    return await service.keys.list_keys(api, limit, cursor, expiring=expiring), 200, JSON


async def create_key(
    service: GatewayService, body: Mapping[str, Any], token_info: Mapping[str, Any]
) -> Reply:
    return await service.keys.create_key(body, token_info), 201, JSON


async def rotate_key(
    service: GatewayService, id_: str, body: Mapping[str, Any], token_info: Mapping[str, Any]
) -> Reply:
    return await service.keys.rotate_key(id_, body, token_info), 201, JSON


async def revoke_key(service: GatewayService, id_: str) -> tuple[None, int]:
    await service.keys.revoke_key(id_)
    return None, 204


async def list_audit_entries(
    service: GatewayService,
    limit: int,
    from_: str | None = None,
    to: str | None = None,
    key: str | None = None,
    operation: str | None = None,
    cursor: str | None = None,
) -> Reply:
    wanted = {"from": from_, "to": to, "key": key, "operation": operation}
    return await service.list_audit_entries(wanted, limit, cursor), 200, JSON


async def list_rabbitmq_instances(service: GatewayService) -> Reply:
    return await service.rabbitmq.list_instances(), 200, JSON


async def put_rabbitmq_instance(
    service: GatewayService, id_: str, body: Mapping[str, Any]
) -> Reply:
    return await service.rabbitmq.put_instance(id_, body["address"]), 200, JSON


async def delete_rabbitmq_instance(service: GatewayService, id_: str) -> tuple[None, int]:
    await service.rabbitmq.delete_instance(id_)
    return None, 204


async def list_dead_letters(
    service: GatewayService, limit: int, cursor: str | None = None
) -> Reply:
    return await service.list_dead_letters(limit, cursor), 200, JSON


async def get_dead_letter(service: GatewayService, id_: str) -> Reply:
    return await service.get_dead_letter(id_), 200, JSON


async def _webpage(service: GatewayService, name: str) -> Reply:
    html, policy = await service.webpage(name)
    return html, 200, {"Content-Type": "text/html", "Content-Security-Policy": policy}
