"""Sends nearly right credentials: a server must refuse each of them."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from dataclasses import replace

from tallystick.contract_tests.client import curl
from tallystick.contract_tests.credentials import Credential, NoCredential
from tallystick.contract_tests.event_calls import EventCall, list_event_calls, list_judged_calls
from tallystick.contract_tests.id_mapping import NotKnown
from tallystick.contract_tests.vectors import VectorRequest, read_request
from tallystick.contract_tests.wire import Unanswered
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import SAFE, failed, is_chosen
from tallystick.gate.target_server import TargetServer, places

_REFUSED = (400, 401, 403)


def _near(secret: str) -> Mapping[str, str]:
    """Return texts close to a secret, each by its fault."""
    near = {
        "in quotes": f'"{secret}"',
        "in single quotes": f"'{secret}'",
        "with one letter more": f"{secret}x",
        "without its last letter": secret[:-1],
        "in the other letter case": secret.swapcase(),
        "given twice": f"{secret}, {secret}",
        "of which a half is missing": secret[: len(secret) // 2],
    }
    return {name: value for name, value in near.items() if value not in ("", secret)}


_OF_HTTP = ("in quotes", "given twice")
"""The faults that a cookie or a password may have: to HTTP they are none, or not told from it."""


def _near_credentials(credential: Credential) -> Mapping[str, Credential]:
    """Return credentials close to a right one, each by its fault."""
    scheme, space, secret = credential.secret.rpartition(" ")
    start = f"{scheme}{space}"
    if scheme == "Basic":
        near = {name: _encode(each) for name, each in _near(_decode(secret)).items()}
    elif credential.name == "Cookie":
        name, _, secret = secret.partition("=")
        start, near = f"{name}=", {**_near(secret)}
    else:
        return {
            name: credential._replace(secret=start + each) for name, each in _near(secret).items()
        }
    return {
        name: credential._replace(secret=start + each)
        for name, each in near.items()
        if name not in _OF_HTTP
    }


def _decode(text: str) -> str:
    return b64decode(text).decode()


def _encode(text: str) -> str:
    return b64encode(text.encode()).decode()


def list_access_checks(configuration: Configuration, api: str) -> list[CheckResult]:
    """Return the chosen checks of an API, before they are made."""
    found = [_result(call, name) for call in _calls(api) for name in _near("Secret")]
    return [result for result in found if is_chosen(configuration, result.id)]


def _calls(api: str) -> list[EventCall]:
    """Return the calls that store an event, and one of each other credential."""
    events = [call for call in list_event_calls(api) if call.credential_header]
    known = {call.credential for call in events}
    others = {
        call.credential: call
        for call in reversed(list_judged_calls(api))
        if call.credential_header and "before" not in call.facts and call.credential not in known
    }
    return [*events, *others.values()]


def judge_access(target: TargetServer, api: str) -> Iterator[CheckResult]:
    """Yield the result of each nearly right credential."""
    for call in _calls(api):
        yield from _of_call(target, call)


def _of_call(target: TargetServer, call: EventCall) -> Iterator[CheckResult]:
    chosen = [
        name for name in _near("Secret") if is_chosen(target.configuration, _result(call, name).id)
    ]
    try:
        request, credential = _ready(target, call)
    except (NotKnown, NoCredential) as missing:
        outcome, reason = Outcome.SKIPPED, str(missing)
    else:
        outcome, reason = Outcome.DISABLED, SAFE
        if not target.configuration.safe:
            near = _near_credentials(credential)
            for name in chosen:
                if name in near:
                    wrong = near[name]
                    # A report must not show what is nearly the secret.
                    shown = credential._replace(secret=f"<your credential {name}>")
                    result = replace(
                        _result(call, name), sent=curl(target.server.url, shown.applied(request))
                    )
                    yield _judged(target, result, wrong.applied(request))
            return
    for name in chosen:
        yield replace(_result(call, name), outcome=outcome, reason=reason)


def _ready(target: TargetServer, call: EventCall) -> tuple[VectorRequest, Credential]:
    """Return the first request of a call; it needs no other one before it."""
    first = next(iter(call.facts.get("before", ())), call.facts)["request"]
    world = target.server.world
    request = world.known(call.api).request(read_request(first))
    return request, world.credential(call.api, str(call.credential))


def _judged(target: TargetServer, result: CheckResult, request: VectorRequest) -> CheckResult:
    try:
        reply = target.server.client.send(request)
    except (Unanswered, OSError) as silence:
        return failed(result, [f"no answer came: {silence}"], result.sent, None)
    if reply.status in _REFUSED:
        return replace(result, sent="")
    return failed(result, [f"status is {reply.status}, not {result.asked}"], result.sent, reply)


def _result(call: EventCall, name: str) -> CheckResult:
    method, path = call.operation.method, call.operation.path
    return CheckResult(
        call.api,
        "access",
        f"{call.label}: a credential {name} is refused",
        Outcome.PASSED,
        operation=call.label,
        asked=" or ".join(map(str, _REFUSED)),
        places=tuple(places(call.api, method, path, None, "")),
    )
