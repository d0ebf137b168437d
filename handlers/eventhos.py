"""Requests of eventhos, passed to its service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from tallystick.apis.eventhos.received_search import ReceivedEventFilter
from tallystick.apis.eventhos.resource import Body, Paging
from tallystick.apis.eventhos.service import EventhosService
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


def find_event(
    event_identifier: str, service: EventhosService, token_info: Mapping[str, Any]
) -> None:
    service.find_event(event_identifier, token_info)


async def send_event(
    event_identifier: str,
    service: EventhosService,
    token_info: Mapping[str, Any],
    request: Request,
    body: Any,
) -> Any:
    return await service.send_event(event_identifier, token_info, request, body)


async def create_token(body: Body, service: EventhosService) -> SecretReply:
    return service.create_token(body["client_id"], body["client_secret"]), 201, NOT_CACHED


async def log_in(body: Body, service: EventhosService) -> SecretReply:
    return await service.log_in(body["username"], body["password"]), 201, NOT_CACHED


async def create_client(body: Body, service: EventhosService, long_live: bool) -> SecretReply:
    return _secret(await service.clients.create_client(body, long_live=long_live))


async def list_clients(
    service: EventhosService, page_index: int, items_per_page: int, active_sort: str, order: str
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await service.clients.list_page(paging))


async def make_client_long_live(
    id_: str, service: EventhosService, remove_long_live: bool
) -> SecretReply:
    clients = service.clients
    change = clients.remove_long_live if remove_long_live else clients.make_long_live
    return _secret(await change(id_))


async def revoke_client(id_: str, body: Body, service: EventhosService) -> Reply:
    return _written(**await service.clients.revoke_client(id_, revoked=body["revoke"]))


async def show_client_secret(
    id_: str, service: EventhosService
) -> tuple[Body, int, Mapping[str, str]]:
    return _read(await service.clients.get_secret(id_)), 200, NOT_CACHED


async def change_client(id_: str, body: Body, service: EventhosService) -> Reply:
    return _written(**await service.clients.update_client(id_, body))


async def change_client_roles(id_: str, body: Body, service: EventhosService) -> Reply:
    return _written(**await service.clients.change_roles(id_, body))


async def create_person(body: Body, service: EventhosService) -> Reply:
    return _written(userId=await service.users.create_user(body))


async def list_people(
    service: EventhosService, page_index: int, items_per_page: int, order: str
) -> Body:
    return _read(await service.users.list_page(_paging(page_index, items_per_page, "id", order)))


async def show_myself(service: EventhosService, token_info: Mapping[str, Any]) -> Body:
    return _read(await service.users.get_profile(token_info["sub"]))


async def show_person(id_: int, service: EventhosService) -> Body:
    return _read(await service.users.get_users(id_))


async def rename_person(id_: int, body: Body, service: EventhosService) -> Reply:
    await service.users.rename_user(id_, body["name"])
    return _written()


async def delete_person(id_: int, service: EventhosService, token_info: Mapping[str, Any]) -> Reply:
    await service.users.delete_user(token_info["sub"], id_)
    return _written()


async def change_person_roles(
    id_: int, body: Body, service: EventhosService, token_info: Mapping[str, Any]
) -> Reply:
    await service.users.change_roles(token_info["sub"], id_, body)
    return _written()


async def change_my_password(
    id_: int, body: Body, service: EventhosService, token_info: Mapping[str, Any]
) -> Reply:
    old, new = body["oldPassword"], body["newPassword"]
    await service.users.change_password(token_info["sub"], id_, old, new)
    return _written()


async def create_role(body: Body, service: EventhosService) -> Reply:
    return _written(roleId=await service.roles.create_role(body))


async def list_roles(
    service: EventhosService, page_index: int, items_per_page: int, order: str, basic: bool
) -> Body:
    if basic:
        return _read(await service.roles.list_role_names())
    return _read(await service.roles.list_roles(_paging(page_index, items_per_page, "id", order)))


async def delete_role(id_: int, service: EventhosService) -> Reply:
    await service.roles.delete_role(id_)
    return _written()


async def change_role_permissions(id_: int, body: Body, service: EventhosService) -> Reply:
    await service.roles.change_permissions(id_, body)
    return _written()


async def create_application_resource(body: Body, service: EventhosService) -> Reply:
    return _written(applicationResourceId=await service.roles.create_resource(body))


async def list_application_resources(
    service: EventhosService, page_index: int, items_per_page: int, order: str, basic: bool
) -> Body:
    if basic:
        return _read(await service.roles.list_all_resources())
    paging = _paging(page_index, items_per_page, "id", order)
    return _read(await service.roles.list_resources(paging))


async def delete_application_resource(id_: int, service: EventhosService) -> Reply:
    await service.roles.delete_resource(id_)
    return _written()


async def change_resource_permissions(id_: int, body: Body, service: EventhosService) -> Reply:
    await service.roles.change_resource(id_, body)
    return _written()


async def create_application(body: Body, service: EventhosService) -> Reply:
    return _written(applicationId=await service.roles.create_application(body))


async def list_applications(service: EventhosService) -> Body:
    return _read(await service.roles.list_applications())


async def create_permission(body: Body, service: EventhosService) -> Reply:
    return _written(permissionId=await service.roles.create_permission(body))


async def delete_client(id_: str, service: EventhosService) -> Reply:
    return _written(**await service.clients.delete_client(id_))


async def create_system(body: Body, service: EventhosService) -> Reply:
    return _written(systemId=await service.systems.create_resource(body))


async def list_systems(
    service: EventhosService,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    system_class: str | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await service.list_systems(paging, system_class))


async def show_system(id_: int, service: EventhosService) -> Body:
    return _read(await service.systems.get_resource(id_))


async def change_system(id_: int, body: Body, service: EventhosService) -> Reply:
    return _written(systemId=await service.systems.update_resource(id_, body))


async def delete_system(id_: int, service: EventhosService) -> Reply:
    return _written(systemId=await service.systems.delete_resource(id_))


async def list_events_of_system(id_: int, service: EventhosService) -> Body:
    return _read(await service.list_of_system(id_, "events"))


async def list_actions_of_system(id_: int, service: EventhosService) -> Body:
    return _read(await service.list_of_system(id_, "actions"))


async def create_event_definition(body: Body, service: EventhosService) -> Reply:
    return _written(eventId=await service.events.create_resource(body))


async def list_event_definitions(
    service: EventhosService,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    event_name: str | None = None,
    system_id: int | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await service.list_events(paging, event_name, system_id))


async def change_event_definition(id_: int, body: Body, service: EventhosService) -> Reply:
    return _written(eventId=await service.events.update_resource(id_, body))


async def delete_event_definition(id_: int, service: EventhosService) -> Reply:
    return _written(eventId=await service.events.delete_resource(id_))


async def create_action(body: Body, service: EventhosService) -> Reply:
    return _written(actionId=await service.actions.create_resource(body))


async def list_actions(
    service: EventhosService,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    word_search: str | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await service.list_actions(paging, word_search))


async def show_action(id_: int, service: EventhosService) -> Body:
    return _read(await service.actions.get_resource(id_))


async def change_action(id_: int, body: Body, service: EventhosService) -> Reply:
    return _written(actionId=await service.actions.update_resource(id_, body))


async def delete_action(id_: int, service: EventhosService) -> Reply:
    return _written(actionId=await service.actions.delete_resource(id_))


async def create_contract(body: Body, service: EventhosService) -> Reply:
    return _written(contractId=await service.contracts.create_resource(body))


async def list_contracts(
    service: EventhosService,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    word_search: str | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    return _read(await service.list_contracts(paging, word_search))


async def list_contracts_of_event(event_id: int, service: EventhosService) -> Body:
    return _read(await service.contracts_of(event_id))


async def list_contracts_of_action(event_id: int, action_id: int, service: EventhosService) -> Body:
    return _read(await service.contracts_of(event_id, action_id))


async def order_contracts(body: Body, service: EventhosService) -> Reply:
    await service.order_contracts(body["orders"])
    return _written()


async def change_contract(id_: int, body: Body, service: EventhosService) -> Reply:
    return _written(contractId=await service.contracts.update_resource(id_, body))


async def delete_contract(id_: int, service: EventhosService) -> Reply:
    return _written(contractId=await service.contracts.delete_resource(id_))


async def list_received_events(
    service: EventhosService,
    page_index: int,
    items_per_page: int,
    active_sort: str,
    order: str,
    system_id: int | None = None,
    from_time: str | None = None,
    to_time: str | None = None,
    state: str | None = None,
    event_identifier_search: str | None = None,
    id_search: str | None = None,
) -> Body:
    paging = _paging(page_index, items_per_page, active_sort, order)
    wanted = ReceivedEventFilter(
        system_id, from_time, to_time, state, event_identifier_search, id_search
    )
    return _read(await service.received.list_page(paging, wanted))


async def show_received_event(
    id_: str, service: EventhosService
) -> tuple[bytes, int, Mapping[str, str]]:
    # Written here: the event's body is passed on byte by byte.
    answer = orjson.dumps(_read(await service.received.get_received_event(id_)))
    return answer, 200, {"Content-Type": "application/json"}


async def show_execution(id_: str, service: EventhosService) -> Body:
    return _read(await service.received.get_execution(id_))


async def retry_contract(
    body: Body, service: EventhosService, token_info: Mapping[str, Any]
) -> Body:
    await service.retry_contract(body["contractDetailId"], token_info)
    return {"code": 200000, "message": "success"}


async def abort_contract(
    body: Body, service: EventhosService, token_info: Mapping[str, Any]
) -> Body:
    await service.abort_contract(body["contractDetailId"], token_info)
    return {"code": 200000, "message": "success"}


async def try_template(body: Body, service: EventhosService) -> tuple[Body, int, Mapping[str, str]]:
    return await service.try_template(body), 200, {"Content-Type": "application/json"}
