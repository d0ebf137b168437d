"""The headers and the query that each call of an operation must have, beside its credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import unquote

from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequests
from tallystick.contract_tests.state_refusals import ONCE

VERSION = "if-match"
"""The header with the version of what is changed, in small letters."""

ANY_VERSION = "*"

_OF_REPEATS = re.compile(r"idempoten", re.IGNORECASE)


class RequiredParameters(NamedTuple):
    """What a call has, as a request writes it."""

    headers: dict[str, str]
    query: str
    """Without the question mark; empty if none is required."""


def find_required(
    document: Document, samples: SampleRequests, operation: Mapping[str, Any]
) -> RequiredParameters:
    """Return what an operation asks for in each call.

    A change asks for the version it is meant for, also where its 428 alone says so.
    """
    given = [document.resolve(each) for each in operation.get("parameters", ())]
    named = {(each["in"], each["name"]) for each in given if each.get("required")}
    sample = samples.make_request(operation["operationId"])
    told = {name: each for name, each in sample.headers.items() if ("header", name) in named}
    headers = renewed_headers(document, operation, told)
    fields = (each for each in sample.query.split("&") if each)
    query = "&".join(e for e in fields if ("query", unquote(e.partition("=")[0])) in named)
    return RequiredParameters(headers, query)


def renewed_headers(
    document: Document, operation: Mapping[str, Any], headers: Mapping[str, str]
) -> dict[str, str]:
    """Return headers with the newest version, and gaps for what no other call may have."""
    renewed = {name: "@UNIQUE@" if ONCE.search(name) else each for name, each in headers.items()}
    if needs_version(document, operation):
        renewed = {name: each for name, each in renewed.items() if name.lower() != VERSION}
        renewed["If-Match"] = ANY_VERSION
    return renewed


def needs_version(document: Document, operation: Mapping[str, Any]) -> bool:
    """Return whether an operation is only done for one who tells the version that it is about."""
    for parameter in map(document.resolve, operation.get("parameters", ())):
        if parameter["in"] == "header" and parameter["name"].lower() == VERSION:
            return bool(parameter.get("required")) or "428" in operation["responses"]
    return False


def key_of_repeats(document: Document, operation: Mapping[str, Any]) -> str | None:
    """Return the header by which an operation knows a call again; None if it has none."""
    given = map(document.resolve, operation.get("parameters", ()))
    names = (each["name"] for each in given if each["in"] == "header")
    return next((name for name in names if _OF_REPEATS.search(name)), None)
