"""Whether what was accepted is in the log."""

from __future__ import annotations

import uuid
from dataclasses import replace

from tallystick.contract_tests import byte_cases
from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import NoCredential
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.vectors import VectorRequest
from tallystick.contract_tests.wire import Unanswered
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed
from tallystick.gate.target_server import TargetServer, places

_MARKED = (b"Operation successful", b"Morpheush", b"Bytes")
"""What stands for the marker in the requests that accept events."""


def list_event_targets(api: str) -> list[byte_cases.ByteTarget]:
    """Return an API's operations that accept events."""
    return [byte_target for byte_target in byte_cases.TARGETS if byte_target.api == api]


def judge_log(target: TargetServer, byte_target: byte_cases.ByteTarget) -> CheckResult:
    """Return whether an accepted event is kept, where the server has a log that shows it."""
    marker = f"Tally {uuid.uuid4()}"
    result = CheckResult(
        byte_target.api,
        "log",
        f"what {byte_target.method} {byte_target.path} accepts is kept",
        Outcome.PASSED,
        operation=f"{byte_target.method} {byte_target.path}",
        asked="the event is in the log, once, after it was accepted",
        places=(*places(byte_target.api, byte_target.method, byte_target.path, 200, ""),),
    )  # fmt: skip
    if target.configuration.safe:
        return replace(result, outcome=Outcome.DISABLED, reason=SAFE)
    try:
        before = _logged(target, byte_target.api)
        accepted = target.server.client.send(_marked(target, byte_target, marker))
        after = _logged(target, byte_target.api)
    except (NotKnown, NoCredential) as missing:
        return replace(result, outcome=Outcome.SKIPPED, reason=str(missing))
    except (Unanswered, OSError) as silence:
        return failed(result, [f"no answer came: {silence}"], "", None)
    if before is None or after is None or accepted.status >= 300:
        reason = "the server shows no log of its events at /gateway/v1/events"
        return replace(result, outcome=Outcome.SKIPPED, reason=reason)
    times = after.count(marker.encode())
    if times == 1:
        return result
    sent = curl(target.server.url, _marked(target, byte_target, marker))
    return failed(result, [f"the event is in the log {times} times"], sent, accepted)


def _logged(target: TargetServer, api: str) -> bytes | None:
    """The newest events of an API; None where the server shows none."""
    key = target.server.world.credential("gateway", "key")
    path = f"/gateway/v1/events?api={api}&limit=50"
    reply = target.server.client.get(path, **{key.name: key.secret})
    return reply.body if reply.status == 200 else None


def _marked(target: TargetServer, byte_target: byte_cases.ByteTarget, marker: str) -> VectorRequest:
    known = target.server.world.known(byte_target.api)
    if known.lacks(byte_target.query):
        raise NotKnown("the server's own identifiers were not given")
    credential = target.server.world.credential(byte_target.api, byte_target.credential)
    headers = (("Content-Type", "application/json"), (credential.name, credential.secret))
    path = (
        f"{byte_target.path}?{known.text(byte_target.query)}"
        if byte_target.query
        else byte_target.path
    )
    body = byte_target.body
    for text in _MARKED:
        body = body.replace(text, marker.encode())
    return VectorRequest(byte_target.method, path, headers, body)
