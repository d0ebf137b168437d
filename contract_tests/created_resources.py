"""Resources that a call has created, and the requests to delete them."""

from __future__ import annotations

from collections.abc import Mapping

from . import contract
from .api_facts import read_facts
from .json_text import loads
from .vectors import VectorRequest


def made(method: str, path: str, status: int, body: bytes) -> str | None:
    """Return the id that a POST has created, if its answer has one."""
    if method != "POST" or status not in (200, 201):
        return None
    try:
        value = loads(body)
    except ValueError:
        return None
    if isinstance(value, dict) and isinstance(value.get("content"), dict):
        value = value["content"]
    if not isinstance(value, dict):
        return None
    own = f"{path.rstrip('/').rpartition('/')[2]}Id"
    found = next((value[name] for name in (own, "slug", "id") if name in value), None)
    return str(found) if isinstance(found, (str, int)) else None


def deletion(path: str, made: str, headers: Mapping[str, str]) -> VectorRequest | None:
    """Return the request that deletes a resource with the same credentials, if there is one."""
    target = f"{path.rstrip('/')}/{made}"
    if contract.operation("DELETE", target) is None:
        return None
    names = _credential_headers()
    kept = tuple((name, value) for name, value in headers.items() if name.lower() in names)
    return VectorRequest("DELETE", target, kept)


def _credential_headers() -> set[str]:
    return {
        entry["header"].lower()
        for api in contract.apis()
        for entry in read_facts(api).credentials.values()
        if "header" in entry
    }
