"""The breaches of the contract in an answer: in its status, its headers and its body."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tallystick.contract import json_text
from tallystick.contract.declared_responses import (
    DeclaredResponse,
    DeclaredResponses,
    OperationKey,
)
from tallystick.contract.media_types import best_range, is_json, plain_type
from tallystick.mock.journal import violation
from tallystick.mock.upstream import UpstreamReply

WITHOUT_BODY = frozenset({204, 304})
"""HTTP gives an answer of these no body, whatever a contract declares; so to a HEAD."""

PROBLEM_DETAILS = "application/problem+json"
"""The form of errors for which a contract declares none (RFC 9457)."""


def reply_violations(
    declared: DeclaredResponses, operation: OperationKey, reply: UpstreamReply
) -> Iterator[Mapping[str, str]]:
    """Yield each rule of an operation's declared answers broken by an answer.

    An operation without declared answers may give any.
    """
    if not declared.declares_any(operation):
        return
    response = declared.find_response(operation, reply.status)
    if response is None:
        known = ", ".join(map(str, declared.responses(operation)))
        yield violation("answer", "status", f"is {reply.status}, and must be one of {known}")
        return
    for broken in response.header_violations((n.lower(), v) for n, v in reply.headers):
        yield violation("answer", broken.name, broken.message)
    if operation.method != "HEAD" and reply.status not in WITHOUT_BODY:
        yield from _body_violations(response, reply)


def _body_violations(
    response: DeclaredResponse, reply: UpstreamReply
) -> Iterator[Mapping[str, str]]:
    if not response.schemas:
        if reply.body and not _tells_problem(reply):
            yield violation("answer", "body", "must be left out by the contract")
        return
    media_type = plain_type(reply.header(b"content-type"))
    declared = best_range(response.schemas, media_type)
    if declared is None:
        known = map(plain_type, response.schemas)
        yield violation("answer", "Content-Type", f"must be {' or '.join(known)}")
    elif is_json(media_type) and reply.text is not None:
        yield from _json_violations(response, declared, reply.text)


def _tells_problem(reply: UpstreamReply) -> bool:
    """Whether an answer tells of an error by problem details, which need no declaration."""
    return reply.status >= 400 and plain_type(reply.header(b"content-type")) == PROBLEM_DETAILS


def _json_violations(
    response: DeclaredResponse, declared: str, text: bytes
) -> Iterator[Mapping[str, str]]:
    try:
        value = json_text.read_json(text)
    except json_text.Unreadable as error:
        yield violation("answer", "body", str(error))
        return
    schema = response.validators[declared]
    for found in () if schema.is_valid(value) else schema.violations(value):
        yield violation("answer", ".".join(map(str, found.path)) or "body", found.message)
