"""Redirects of an endpoint, for requests that allow them (RFC 9110, section 15.4)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urljoin

from tallystick.delivery.adapter import EndpointResponse, OutgoingRequest
from tallystick.delivery.addresses import InvalidUrl, endpoint_of
from tallystick.secret_names import is_secret_name

Headers = Sequence[tuple[str, str]]

_STATUSES = frozenset({301, 302, 303, 307, 308})


def redirect_request(
    outgoing: OutgoingRequest, headers: Headers, response: EndpointResponse
) -> tuple[OutgoingRequest, Headers] | None:
    """Return the next request and its headers; None if the response is the final one.

    Another origin gets no header with a secret's name.
    """
    location = {name.lower(): value for name, value in response.headers}.get("location")
    if not outgoing.redirects or response.status not in _STATUSES or not location:
        return None
    try:
        url = urljoin(outgoing.url, location)
        is_same = endpoint_of(url) == endpoint_of(outgoing.url)
    except (InvalidUrl, ValueError):  # `urljoin` refuses a broken host
        return None
    kept = [header for header in headers if is_same or not is_secret_name(header[0])]
    following = outgoing._replace(url=url, redirects=outgoing.redirects - 1)
    if not _becomes_get(outgoing.method, response.status):
        return following, kept
    bare = [header for header in kept if not header[0].lower().startswith("content-")]
    return following._replace(method="GET", body=b""), bare


def _becomes_get(method: str, status: int) -> bool:
    return (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST")
