"""Requests of eventhos, handed to its room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.apis.eventhos import Room
from tallystick.apis.eventhos.received import Wanted
from tallystick.apis.eventhos.resource import Body, Paging
from tallystick.contract.request import Request

Reply = tuple[Body, int]
SecretReply = tuple[Body, int, Mapping[str, str]]

NOT_CACHED = {"Cache-Control": "no-store"}


def _read(content: Any) -> Body:
    return {"code": 200000, "message": "success", "content": content}


def _written(**content: Any) -> Reply:
    return {"code": 200001, "message": "success", "content": content}, 201


def _secret(content: Body) -> SecretReply:
    return *_written(**content), NOT_CACHED


def _paging(page_index: int, items_per_page: int, active_sort: str, order: str) -> Paging:
    return Paging(page_index, items_per_page, active_sort, descending=order == "desc")


def find_event(event_identifier: str, room: Room, token_info: Mapping[str, Any]) -> None:
    room.find_event(event_identifier, token_info)


async def send_event(
    event_identifier: str, room: Room, token_info: Mapping[str, Any], request: Request
) -> Body:
    return await room.send(event_identifier, token_info, request)


async def create_token(body: Body, room: Room) -> SecretReply:
    return room.create_token(body["client_id"], body["client_secret"]), 201, NOT_CACHED


async def log_in(body: Body, room: Room) -> SecretReply:
    return await room.log_in(body["username"], body["password"]), 201, NOT_CACHED


async def create_client(body: Body, room: Room, long_live: bool) -> SecretReply:
    return _secret(await room.clients.create(body, long_live=long_live))


async def list_clients(
    room: Room, page_index: int, items_per_page: int, active_sort: str, order: str
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await room.clients.page(paging))


async def make_client_long_live(id_: str, room: Room) -> SecretReply:
    return _secret(await room.clients.make_long_live(id_))


async def revoke_client(id_: str, body: Body, room: Room) -> Reply:
    return _written(**await room.clients.revoke(id_, revoked=body["revoke"]))


async def delete_client(id_: str, room: Room) -> Reply:
    return _written(**await room.clients.remove(id_))


async def create_system(body: Body, room: Room) -> Reply:
    return _written(systemId=await room.systems.create(body))


async def list_systems(
    room: Room, page_index: int, items_per_page: int, active_sort: str, order: str
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await room.systems.page(paging))


async def show_system(id_: int, room: Room) -> Body:
    return _read(await room.systems.find(id_))


async def change_system(id_: int, body: Body, room: Room) -> Reply:
    return _written(systemId=await room.systems.change(id_, body))


async def delete_system(id_: int, room: Room) -> Reply:
    return _written(systemId=await room.systems.remove(id_))


async def list_events_of_system(id_: int, room: Room) -> Body:
    return _read(await room.of_system(id_, "events"))


async def list_actions_of_system(id_: int, room: Room) -> Body:
    return _read(await room.of_system(id_, "actions"))


async def create_event_definition(body: Body, room: Room) -> Reply:
    return _written(eventId=await room.events.create(body))


async def list_event_definitions(
    room: Room,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    event_name: str | None = None,
    system_id: int | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await room.list_events(paging, event_name, system_id))


async def change_event_definition(id_: int, body: Body, room: Room) -> Reply:
    return _written(eventId=await room.events.change(id_, body))


async def delete_event_definition(id_: int, room: Room) -> Reply:
    return _written(eventId=await room.events.remove(id_))


async def create_action(body: Body, room: Room) -> Reply:
    return _written(actionId=await room.actions.create(body))


async def list_actions(
    room: Room, page_index: int, items_per_page: int, active_sort: str, order: str
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await room.actions.page(paging))


async def show_action(id_: int, room: Room) -> Body:
    return _read(await room.actions.find(id_))


async def change_action(id_: int, body: Body, room: Room) -> Reply:
    return _written(actionId=await room.actions.change(id_, body))


async def delete_action(id_: int, room: Room) -> Reply:
    return _written(actionId=await room.actions.remove(id_))


async def create_contract(body: Body, room: Room) -> Reply:
    return _written(contractId=await room.contracts.create(body))


async def list_contracts(
    room: Room, page_index: int, items_per_page: int, active_sort: str, order: str
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await room.contracts.page(paging))


async def order_contracts(body: Body, room: Room) -> Reply:
    await room.order_contracts(body["orders"])
    return _written()


async def change_contract(id_: int, body: Body, room: Room) -> Reply:
    return _written(contractId=await room.contracts.change(id_, body))


async def delete_contract(id_: int, room: Room) -> Reply:
    return _written(contractId=await room.contracts.remove(id_))


async def list_received_events(
    room: Room,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    system_id: int | None = None,
    from_time: str | None = None,
    to_time: str | None = None,
    state: str | None = None,
    event_identifier_search: str | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    wanted = Wanted(system_id, from_time, to_time, state, event_identifier_search)
    return _read(await room.received.page(paging, wanted))


async def show_received_event(id_: str, room: Room) -> tuple[bytes, int, Mapping[str, str]]:
    # Written here: the event's body is passed on byte by byte.
    answer = orjson.dumps(_read(await room.received.find(id_)))
    return answer, 200, {"Content-Type": "application/json"}


async def show_execution(id_: str, room: Room) -> Body:
    return _read(await room.received.run(id_))


async def retry_contract(body: Body, room: Room) -> Body:
    await room.received.retry(body["contractDetailId"])
    return {"code": 200000, "message": "success"}


async def abort_contract(body: Body, room: Room) -> Body:
    await room.received.abort(body["contractDetailId"])
    return {"code": 200000, "message": "success"}
