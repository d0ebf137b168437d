"""Requests of keyastrom, passed to its service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from tallystick.apis.keyastrom.service import KeyastromService
from tallystick.contract.request import Request

Json = dict[str, Any]
Result = TypeVar("Result")


def in_any_environment(
    handler: Callable[..., Awaitable[Result]],
) -> Callable[..., Awaitable[Result]]:
    """Answer for every environment alike: all have the same entities and events."""

    @wraps(handler)
    async def answer(**arguments: Any) -> Result:
        arguments.pop("environment", None)
        return await handler(**arguments)

    return answer


async def ingest_event(
    body: Json, service: KeyastromService, request: Request, environment: str = "default"
) -> tuple[Json, int]:
    return await service.ingest(environment, body, request.body), 201


async def push_event(
    body: Json, service: KeyastromService, request: Request, environment: str = "default"
) -> Json:
    return await service.push_event(environment, body, request.body)


@in_any_environment
async def list_tags(
    service: KeyastromService, entity_selector: str, from_: str | None = None, to: str | None = None
) -> Json:
    return await service.tags.list_tags(entity_selector, from_, to)


@in_any_environment
async def add_tags(
    service: KeyastromService,
    body: Json,
    entity_selector: str,
    from_: str | None = None,
    to: str | None = None,
) -> Json:
    return await service.tags.add_tags(entity_selector, from_, to, body)


@in_any_environment
async def delete_tags(
    service: KeyastromService,
    entity_selector: str,
    key: str,
    value: str | None = None,
    delete_all_with_key: bool = False,
    from_: str | None = None,
    to: str | None = None,
) -> Json:
    return await service.tags.delete_tags(
        entity_selector, key, value, delete_all_with_key, from_, to
    )


@in_any_environment
async def list_events(
    service: KeyastromService,
    from_: str | None = None,
    to: str | None = None,
    event_selector: str | None = None,
    entity_selector: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.queries.list_events(
        from_, to, event_selector, entity_selector, page_size, next_page_key
    )


@in_any_environment
async def get_event(service: KeyastromService, event_id: str) -> Json:
    return await service.queries.get_event(event_id)


@in_any_environment
async def list_event_types(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.queries.list_event_types(page_size, next_page_key)


@in_any_environment
async def get_event_type(
    service: KeyastromService,
    event_type: str,
) -> Json:
    return await service.queries.get_event_type(event_type)


@in_any_environment
async def list_event_properties(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.queries.list_event_properties(page_size, next_page_key)


@in_any_environment
async def get_event_property(
    service: KeyastromService,
    property_key: str,
) -> Json:
    return await service.queries.get_event_property(property_key)


@in_any_environment
async def list_entities(
    service: KeyastromService,
    entity_selector: str | None = None,
    from_: str | None = None,
    to: str | None = None,
    fields: str | None = None,
    sort: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.queries.list_entities(
        entity_selector, from_, to, fields, sort, page_size, next_page_key
    )


@in_any_environment
async def get_entity(
    service: KeyastromService,
    entity_id: str,
    fields: str | None = None,
) -> Json:
    return await service.queries.get_entity(entity_id, fields)


@in_any_environment
async def list_entity_types(
    service: KeyastromService,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.queries.list_entity_types(page_size, next_page_key)


@in_any_environment
async def get_entity_type(
    service: KeyastromService,
    entity_type: str,
) -> Json:
    return await service.queries.get_entity_type(entity_type)


@in_any_environment
async def create_custom_device(
    body: Json,
    service: KeyastromService,
    ui_based: bool = False,
) -> tuple[Json | None, int]:
    device = await service.create_device(body, is_kept=ui_based)
    answer = {"entityId": device.id, "groupId": device.group_id}
    return (answer, 201) if device.is_new else (None, 204)


@in_any_environment
async def get_cluster_version(service: KeyastromService) -> Json:
    return {"version": service.cluster_version}


@in_any_environment
async def list_problems(
    service: KeyastromService,
    from_: str | None = None,
    to: str | None = None,
    problem_selector: str | None = None,
    entity_selector: str | None = None,
    fields: str | None = None,
    sort: str | None = None,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.problems.list_problems(
        from_, to, problem_selector, entity_selector, fields, sort, page_size, next_page_key
    )


@in_any_environment
async def get_problem(
    service: KeyastromService, problem_id: str, fields: str | None = None
) -> Json:
    return await service.problems.get_problem(problem_id, fields)


@in_any_environment
async def close_problem(
    service: KeyastromService,
    token_info: Mapping[str, Any],
    problem_id: str,
    body: Json | None = None,
) -> tuple[Json | None, int]:
    closed = await service.problems.close_problem(problem_id, body, token_info["name"])
    return (None, 204) if closed is None else (closed, 200)


@in_any_environment
async def list_problem_comments(
    service: KeyastromService,
    problem_id: str,
    page_size: int | None = None,
    next_page_key: str | None = None,
) -> Json:
    return await service.problems.list_comments(problem_id, page_size, next_page_key)


@in_any_environment
async def create_problem_comment(
    service: KeyastromService, token_info: Mapping[str, Any], problem_id: str, body: Json
) -> tuple[Json, int]:
    return await service.problems.add_comment(problem_id, body, token_info["name"]), 201


@in_any_environment
async def get_problem_comment(service: KeyastromService, problem_id: str, comment_id: str) -> Json:
    return await service.problems.get_comment(problem_id, comment_id)


@in_any_environment
async def update_problem_comment(
    service: KeyastromService,
    token_info: Mapping[str, Any],
    problem_id: str,
    comment_id: str,
    body: Json,
) -> tuple[None, int]:
    await service.problems.update_comment(problem_id, comment_id, body, token_info["name"])
    return None, 204


@in_any_environment
async def delete_problem_comment(
    service: KeyastromService, problem_id: str, comment_id: str
) -> tuple[None, int]:
    await service.problems.delete_comment(problem_id, comment_id)
    return None, 204


@in_any_environment
async def look_up_token(service: KeyastromService, body: Json) -> Json:
    return service.tokens.describe_token(body["token"])


async def ingest_metrics(
    body: Any, service: KeyastromService, environment: str = "default"
) -> tuple[Json, int, dict[str, str]]:
    counted, status = await service.measurements.ingest_metrics(environment, body)
    return counted, status, {"Content-Type": "application/json"}


async def ingest_logs(
    body: Any, service: KeyastromService, request: Request, environment: str = "default"
) -> tuple[Json | None, int]:
    result = await service.measurements.ingest_logs(environment, body, request.body)
    return (None, 204) if result is None else (result, 200)


async def import_entities(
    body: Json | bytes, service: KeyastromService
) -> tuple[Json, int, dict[str, str]]:
    imported = await service.import_entities(body)
    return imported._asdict(), 200, {"Content-Type": "application/json"}


async def try_selector(body: Json, service: KeyastromService) -> tuple[Json, int, dict[str, str]]:
    found = await service.queries.try_selector(body["selector"])
    return found, 200, {"Content-Type": "application/json"}
