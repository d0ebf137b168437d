"""Requests of eventgrid, passed to its service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick.apis import request_id
from tallystick.apis.eventgrid import iam, tried_filter
from tallystick.apis.eventgrid.service import Body, EventgridService
from tallystick.contract.request import Request

Reply = tuple[Body | None, int, dict[str, str]]


def _answered(body: Body | None, status: int = 200) -> Reply:
    return body, status, {request_id.HEADER: request_id.new_request_id()}


async def create_event_source(project_id: str, body: Body, service: EventgridService) -> Reply:
    return _answered(await service.create_source(project_id, body))


async def list_event_sources(
    project_id: str,
    service: EventgridService,
    offset: int,
    limit: int,
    sort: str,
    channel_id: str | None = None,
    provider_type: str | None = None,
    name: str | None = None,
    fuzzy_name: str | None = None,
    fuzzy_label: str | None = None,
) -> Reply:
    wanted = {"channel_id": channel_id, "provider_type": provider_type, "name": name}
    wanted |= {"fuzzy_name": fuzzy_name, "fuzzy_label": fuzzy_label}
    page = await service.list_sources(project_id, sort=sort, offset=offset, limit=limit, **wanted)
    return _answered(page)


async def show_event_source(project_id: str, source_id: str, service: EventgridService) -> Reply:
    return _answered(await service.get_source(project_id, source_id))


async def update_event_source(
    project_id: str, source_id: str, body: Body, service: EventgridService
) -> Reply:
    return _answered(await service.update_source(project_id, source_id, body))


async def delete_event_source(project_id: str, source_id: str, service: EventgridService) -> Reply:
    await service.delete_source(project_id, source_id)
    return _answered(None, 204)


async def create_event_channel(
    project_id: str, body: Body, service: EventgridService, enterprise_project_id: str | None = None
) -> Reply:
    return _answered(await service.create_channel(project_id, body, enterprise_project_id))


async def list_event_channels(
    project_id: str,
    service: EventgridService,
    offset: int,
    limit: int,
    sort: str,
    provider_type: str | None = None,
    name: str | None = None,
    fuzzy_name: str | None = None,
    channel_id: str | None = None,
    enterprise_project_id: str | None = None,
) -> Reply:
    wanted = {"provider_type": provider_type, "name": name, "fuzzy_name": fuzzy_name}
    wanted |= {"channel_id": channel_id, "enterprise_project_id": enterprise_project_id}
    page = await service.list_channels(project_id, sort=sort, offset=offset, limit=limit, **wanted)
    return _answered(page)


async def show_event_channel(
    project_id: str,
    channel_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    return _answered(await service.get_channel(project_id, channel_id, enterprise_project_id))


async def update_event_channel(
    project_id: str,
    channel_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    changed = await service.update_channel(project_id, channel_id, body, enterprise_project_id)
    return _answered(changed)


async def delete_event_channel(
    project_id: str,
    channel_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    await service.delete_channel(project_id, channel_id, enterprise_project_id)
    return _answered(None, 204)


async def publish_events(
    project_id: str,
    channel_id: str,
    body: dict[str, Any],
    service: EventgridService,
    request: Request,
) -> Reply:
    return _answered(await service.events.publish_events(project_id, channel_id, body, request))


async def check_events(project_id: str, body: Body, service: EventgridService) -> Reply:
    return _answered(await service.events.check_events(project_id, body))


async def publish_official_events(
    project_id: str,
    official_source: str,
    body: dict[str, Any],
    service: EventgridService,
    request: Request,
) -> Reply:
    published = await service.events.publish_official_events(
        project_id, official_source, body, request
    )
    return _answered(published)


async def create_event_subscription(
    project_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    return _answered(
        await service.subscriptions.create_subscription(project_id, body, enterprise_project_id)
    )


async def list_event_subscriptions(
    project_id: str,
    service: EventgridService,
    offset: int,
    limit: int,
    sort: str,
    channel_id: str | None = None,
    name: str | None = None,
    fuzzy_name: str | None = None,
    connection_id: str | None = None,
    enterprise_project_id: str | None = None,
) -> Reply:
    wanted = {"channel_id": channel_id, "name": name, "fuzzy_name": fuzzy_name}
    wanted |= {"connection_id": connection_id, "enterprise_project_id": enterprise_project_id}
    page = await service.subscriptions.list_subscriptions(
        project_id, sort=sort, offset=offset, limit=limit, **wanted
    )
    return _answered(page)


async def operate_event_subscriptions(
    project_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    return _answered(
        await service.subscriptions.operate_subscriptions(project_id, body, enterprise_project_id)
    )


async def show_event_subscription(
    project_id: str,
    subscription_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    found = await service.subscriptions.get_subscription(
        project_id, subscription_id, enterprise_project_id
    )
    return _answered(found)


async def update_event_subscription(
    project_id: str,
    subscription_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    changed = await service.subscriptions.update_subscription(
        project_id, subscription_id, body, enterprise_project_id
    )
    return _answered(changed)


async def delete_event_subscription(
    project_id: str,
    subscription_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    await service.subscriptions.delete_subscription(
        project_id, subscription_id, enterprise_project_id
    )
    return _answered(None, 204)


async def update_subscription_source(
    project_id: str,
    subscription_id: str,
    source_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    changed = await service.subscriptions.update_subscription_source(
        project_id, subscription_id, source_id, body, enterprise_project_id
    )
    return _answered(changed)


async def create_subscription_target(
    project_id: str,
    subscription_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    made = await service.subscriptions.create_target(
        project_id, subscription_id, body, enterprise_project_id
    )
    return _answered(made)


async def show_subscription_target(
    project_id: str,
    subscription_id: str,
    target_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    found = await service.subscriptions.get_target(
        project_id, subscription_id, target_id, enterprise_project_id
    )
    return _answered(found)


async def update_subscription_target(
    project_id: str,
    subscription_id: str,
    target_id: str,
    body: Body,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    changed = await service.subscriptions.update_target(
        project_id, subscription_id, target_id, body, enterprise_project_id
    )
    return _answered(changed)


async def delete_subscription_target(
    project_id: str,
    subscription_id: str,
    target_id: str,
    service: EventgridService,
    enterprise_project_id: str | None = None,
) -> Reply:
    await service.subscriptions.delete_target(
        project_id, subscription_id, target_id, enterprise_project_id
    )
    return _answered(None, 204)


async def list_eventgrid_connections(
    project_id: str,  # noqa: ARG001 (every project has the same)
    service: EventgridService,
    offset: int,
    limit: int,
    sort: str,
    name: str | None = None,
    fuzzy_name: str | None = None,
    instance_id: str | None = None,
) -> Reply:
    wanted = {"name": name, "fuzzy_name": fuzzy_name, "instance_id": instance_id}
    return _answered(
        await service.list_connections(sort=sort, offset=offset, limit=limit, **wanted)
    )


async def show_eventgrid_connection(
    project_id: str,  # noqa: ARG001 (every project has the same)
    connection_id: str,
    service: EventgridService,
) -> Reply:
    return _answered(service.get_connection(connection_id))


async def show_traced_event(project_id: str, trace_id: str, service: EventgridService) -> Reply:
    return _answered(await service.events.get_traced_event(project_id, trace_id))


async def show_event_trace(
    project_id: str, trace_id: str, channel_id: str, service: EventgridService
) -> Reply:
    return _answered(await service.events.get_event_trace(project_id, trace_id, channel_id))


async def create_eventgrid_token(
    body: Body,
    service: EventgridService,
    nocatalog: str | None = None,  # noqa: ARG001 (the catalog is empty anyway)
) -> Reply:
    token, shown = service.issue_token(body)
    headers = {request_id.HEADER: request_id.new_request_id(), "X-Subject-Token": token}
    return shown, 201, headers


async def list_eventgrid_projects(
    token_info: Mapping[str, Any], name: str | None = None, domain_id: str | None = None
) -> Reply:
    return _answered(iam.projects_body(token_info["project"], name, domain_id))


async def list_eventgrid_domains(token_info: Mapping[str, Any]) -> Reply:
    return _answered(iam.domains_body(token_info["project"]))


async def list_traced_events(
    project_id: str,
    channel_id: str,
    start_time: int,
    end_time: int,
    service: EventgridService,
    offset: int,
    limit: int,
    event_id: str | None = None,
    source_name: str | None = None,
    event_type: str | None = None,
    subscription_name: str | None = None,
) -> Reply:
    wanted = {"event_id": event_id, "source_name": source_name, "event_type": event_type}
    wanted |= {"subscription_name": subscription_name}
    span = (start_time, end_time)
    page = await service.events.list_traces(
        project_id, channel_id, span, offset=offset, limit=limit, **wanted
    )
    return _answered(page)


async def list_eventgrid_quotas(
    project_id: str, service: EventgridService, type_: str | None = None
) -> Reply:
    return _answered(await service.list_quotas(project_id, type_))


def try_filter(body: Body) -> Reply:
    return tried_filter.try_filter(body), 200, {"Content-Type": "application/json"}
