"""The JSON among the media types of a request or an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tallystick.contract.media_types import JSON, plain_type

_LIKE_JSON = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+\+json")
"""A media type of JSON by another name, such as that of a merge patch."""


def json_content(content: Mapping[str, Any]) -> tuple[str, Any] | None:
    """Return the media type of the first JSON content, and its schema; None without any."""
    for media_type, media in content.items():
        name = plain_type(media_type)
        if name in (JSON, "*/*", "application/*"):
            return JSON, media.get("schema", {})
        if _LIKE_JSON.fullmatch(name):
            return name, media.get("schema", {})
    return None


def json_schema(content: Mapping[str, Any]) -> Any:
    """Return the schema of the first JSON content; None without any."""
    known = json_content(content)
    return known[1] if known else None


def accepted_types(responses: Iterable[Mapping[str, Any]]) -> str:
    """Return the media types of JSON in some responses, as a caller asks for them."""
    known = [json_content(response.get("content") or {}) for response in responses]
    return ", ".join(dict.fromkeys(each[0] for each in known if each)) or JSON
