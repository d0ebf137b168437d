"""The servers named in clients of a contract of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tallystick import defaults


def list_servers(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the vendor's server, or this machine, and this machine."""
    here = f"http://{defaults.HOST}:{defaults.PORT}{content.get('x-base-path', '')}"
    urls = map(_server_url, content.get("servers", []))
    vendor = next(filter(_is_base_url, urls), here)
    return [{"url": vendor.rstrip("/")}, {"url": here}]


def _server_url(server: Mapping[str, Any]) -> str:
    url = str(server.get("url", ""))
    for name, variable in server.get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable.get("default", "")))
    return url


def _is_base_url(url: str) -> bool:
    """Return whether a client takes a URL: a full one without user, password and query."""
    return url.startswith(("http://", "https://")) and not set(url) & set("@?#")
