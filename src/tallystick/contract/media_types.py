"""Media types: their names, their parameters, and the declared ranges for them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

JSON = "application/json"
JSON_PATCH = "application/json-patch+json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_RANGES = frozenset({"*/*", "application/*"})


def plain_type(content_type: str) -> str:
    """Return the lower-case media type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def type_parameters(content_type: str) -> dict[str, str]:
    """Return the parameters by lower-case name; of several of one name the first."""
    found: dict[str, str] = {}
    for option in content_type.split(";")[1:]:
        name, _, value = option.partition("=")
        found.setdefault(name.strip().lower(), value.strip().strip('"'))
    return found


def is_json(media_type: str) -> bool:
    """Return whether a media type is JSON, or a kind of it: ``application/merge-patch+json``."""
    name = plain_type(media_type)
    return name.endswith(("/json", "+json"))


def find_json(media_types: Iterable[str]) -> str | None:
    """Return the first media type that is JSON, or a range that JSON is in; None without any."""
    return next(
        (each for each in media_types if is_json(each) or plain_type(each) in _RANGES), None
    )


def is_xml(media_type: str) -> bool:
    """Return whether a media type is XML, or a kind of it."""
    name = plain_type(media_type)
    return name.endswith(("/xml", "+xml"))


def best_range(ranges: Iterable[str], media_type: str) -> str | None:
    """Return the declared range for a media type: itself, or the longest with asterisks."""
    taking = [each for each in ranges if fnmatchcase(media_type, plain_type(each))]
    return max(taking, key=lambda each: ("*" not in each, len(each)), default=None)


def preferred_type(media_types: Sequence[str], accept: str) -> str | None:
    """Return the first of the media types that a caller likes best; None where it takes none."""
    weights = [_accepted_weight(each, accept) for each in media_types]
    best = max(weights, default=0.0)
    return media_types[weights.index(best)] if best > 0 else None


def _accepted_weight(media_type: str, accept: str) -> float:
    """Return the weight that the nearest range of a header ``Accept`` gives a media type."""
    ranges = {plain_type(each): each for each in accept.split(",")}
    nearest = best_range(ranges, plain_type(media_type))
    if nearest is None:
        return 0.0
    return _weight(type_parameters(ranges[nearest]).get("q", "1").encode())


def prefers_html(scope: Mapping[str, Any]) -> bool:
    """Return whether a request asks for a page before JSON, as browsers do."""
    accept = dict(scope.get("headers", ())).get(b"accept", b"").lower()
    weights = {b"text/html": 0.0, b"application/json": 0.0}
    for choice in accept.split(b","):
        name, _, parameters = choice.partition(b";")
        if name.strip() in weights:
            weights[name.strip()] = _weight(parameters.partition(b"q=")[2].strip() or b"1")
    return weights[b"text/html"] > weights[b"application/json"]


def _weight(text: bytes) -> float:
    return float(text) if re.fullmatch(rb"[01](\.\d{0,3})?", text) else 0.0
