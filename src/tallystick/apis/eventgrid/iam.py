"""The vendor's identity service, as far as its SDKs ask it: tokens, projects and accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tallystick.apis.eventgrid.exceptions import BadValue
from tallystick.contract.exceptions import Forbidden

Body = Mapping[str, Any]


def read_keys(identity: Body) -> tuple[str, str]:
    """Return the access key and the secret key of an identity; raise `BadValue`."""
    [method] = identity["methods"]
    given = identity.get(method)
    if given is None:
        raise BadValue(f"auth.identity.{method} is missing")
    if method == "hw_ak_sk":
        return given["access"]["key"], given["secret"]["key"]
    user = given["user"]
    name = user.get("name") or user.get("id")
    if not name:
        raise BadValue("auth.identity.password.user.name is missing")
    return name, user["password"]


def refuse_other_project(scope: Body | None, project: str) -> None:
    """Raise `Forbidden` for a scope with the id of another project than the key's."""
    wanted = ((scope or {}).get("project") or {}).get("id")
    if wanted and wanted != project:
        raise Forbidden("The credential is for another project.")


def token_body(
    identity: Body,
    scope: Body | None,
    access_key: str,
    project: str,
    times: tuple[datetime, datetime],
) -> Body:
    """Return the description of a token; `times`: when it was issued, and when it ends."""
    issued, ends = times
    domain = {"id": project, "name": project}
    name = ((scope or {}).get("project") or {}).get("name") or project
    return {
        "token": {
            "expires_at": _format(ends),
            "issued_at": _format(issued),
            "methods": identity["methods"],
            "user": {"id": access_key, "name": access_key, "domain": domain},
            "project": {"id": project, "name": name, "domain": domain},
            "roles": [],
            "catalog": [],
        }
    }


def projects_body(project: str, name: str | None, domain_id: str | None) -> Body:
    """Return the project of a key, under the name in the question."""
    shown = {
        "id": project,
        "name": name or project,
        "domain_id": project,
        "parent_id": project,
        "description": "",
        "enabled": True,
        "is_domain": False,
    }
    return {"projects": [shown] if domain_id in (None, project) else []}


def domains_body(project: str) -> Body:
    """Return the account of a key."""
    return {"domains": [{"id": project, "name": project, "description": "", "enabled": True}]}


def _format(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
