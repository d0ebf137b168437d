"""Fuzzing of an API's operations by Schemathesis, in all its phases and with every check."""

from __future__ import annotations

import re
from base64 import b64decode
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any

import requests
import schemathesis
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import CheckNode, ScenarioRecorder
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    IgnoredAuth,
    RejectedPositiveData,
)
from schemathesis.schemas import BaseSchema
from schemathesis.transport.serialization import serialize_yaml

from . import contract, early_imports, strict_yaml  # noqa: F401 - imported for its effect
from .allowed_methods import allowed_methods
from .api_facts import read_facts
from .coverage import Coverage, error_codes
from .credentials import NoCredential
from .form_requests import is_right_as_text, is_wrong_without_empty_fields
from .half_pairs import replace_half_pairs
from .interrupts import noted_interrupts
from .left_to_http import is_left_to_http, leave_out_http_headers
from .nothing import is_right_without_nothing
from .patient_fuzzing import call_again_as_asked
from .portable_document import make_portable_document
from .safe_fuzzing import CHANGING, names_nothing, restrained
from .servers import Server
from .state_refusals import is_about_state
from .undefined_forms import has_undefined_form

SEED = 20_240_201

UNANSWERED = "an_answer"
"""The name of the check that a request is answered at all."""


class BrokenRun(Exception):
    """Schemathesis could not run; the server was not judged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A failure found by one check in one answer."""

    title: str
    message: str
    came: str
    curl: str


@dataclass(frozen=True, slots=True)
class FuzzJudgement:
    """One check's result on the cases of one operation."""

    operation: str
    """Method and path."""
    check: str
    cases: int
    finding: Finding | None = None


LONGEST_SCENARIO = 20
"""The longest scenario of calls, as one may remove the resources of another."""

FIRST_REFUSAL = 400
_REFUSED_CURSOR = (400, 422)


@dataclass(frozen=True, slots=True)
class FuzzRun:
    """The settings of a run: the number of examples of each kind, the seed, and restrictions."""

    examples: int
    seed: int = SEED
    safe: bool = False
    """Send only requests that change nothing."""
    foreign: bool = False
    """True for a server that words its refusals beyond the schemas differently."""
    only: frozenset[str] = frozenset()
    """Operations, as method and path; empty for all."""


def failures(api: str, server: Server, coverage: Coverage, examples: int) -> list[str]:
    """Return each different failure found, with a command that repeats it."""
    found: dict[tuple[str, str, str], str] = {}
    for each in judgements(api, server, coverage, FuzzRun(examples)):
        if each.finding:
            key = (each.operation, each.check, each.finding.title)
            found.setdefault(key, f"{each.operation}: {each.check}: {_text(each.finding)}")
    return list(found.values())


def judgements(
    api: str, server: Server, coverage: Coverage, run: FuzzRun
) -> Iterator[FuzzJudgement]:
    """Yield each check's results as they come; raise `BrokenRun` if the engine fails.

    A run that you interrupt is interrupted here too: Schemathesis would end it as a whole one.
    """
    schema = _schema(api, server, run)
    call_again_as_asked(schema, server.client.waits)
    _count(schema, coverage)
    _read_half_pairs(schema)
    leave_out_http_headers(schema)
    known = read_facts(api).fuzz
    cursors = set(known.get("cursors", ()))
    _forgive(schema, _refusals(api, run), known.get("resets"), _query_schemes(api), cursors)
    safe = restrained(schema, server.client) if run.foreign else nullcontext()
    with safe, noted_interrupts() as interrupted:
        for event in from_schema(schema).execute():
            if interrupted.is_set():
                raise KeyboardInterrupt
            if isinstance(event, events.NonFatalError) and not _is_unwritable(event):
                yield _unanswered(event)
            if isinstance(event, events.FatalError):
                raise BrokenRun(str(event.exception)) from event.exception
            if isinstance(event, events.ScenarioFinished):
                yield from _judgements(event.recorder)


def main_credential(api: str) -> str | None:
    """Return the credential needed for the API's operations; None if it is open."""
    names: Mapping[str, str] = read_facts(api).fuzz.get("auth", {})
    return next(iter(names.values()), None)


def left_out(api: str, server: Server, run: FuzzRun) -> dict[str, str]:
    """Return the operations that are not fuzzed, as method and path, with the reason."""
    schemes = set(_reachable_schemes(api, server))
    own = (one for one in contract.operations() if one.api == api)
    reasons = {f"{one.method} {one.path}": _why_left_out(one, schemes, run) for one in own}
    return {operation: reason for operation, reason in reasons.items() if reason}


def _why_left_out(one: contract.DeclaredOperation, schemes: set[str], run: FuzzRun) -> str:
    if run.only and f"{one.method} {one.path}" not in run.only:
        return "you did not choose it"
    if run.safe and one.writes:
        return "it may write"
    if run.foreign and one.method in CHANGING and "{" not in one.path:
        return "it changes what the run did not make"
    if run.foreign and f"{one.method} {one.path}" in read_facts(one.api).fuzz.get("locks", []):
        return "it locks people out"
    if one.schemes and not one.schemes & schemes:
        return f"no credential for {', '.join(sorted(one.schemes))}"
    return ""


def _schema(api: str, server: Server, run: FuzzRun) -> BaseSchema:
    config = SchemathesisConfig.from_dict(_config(api, server, run))
    schema: BaseSchema = schemathesis.openapi.from_dict(make_portable_document(api), config=config)
    schema.config.update(base_url=server.url)
    for operation in left_out(api, server, run):
        schema = schema.exclude(name=operation)
    return schema


def _count(schema: BaseSchema, coverage: Coverage) -> None:
    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> None:
        path = case.formatted_path
        coverage.saw(case.method.upper(), path, response.status_code, response.content)


def _read_half_pairs(schema: BaseSchema) -> None:
    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],  # noqa: ARG001 - Schemathesis passes it
        response: schemathesis.Response,
    ) -> None:
        response.content = replace_half_pairs(response.content)


def _query_schemes(api: str) -> set[str]:
    """Return the names of query parameters that are credentials."""
    schemes = contract.document(api).get("components", {}).get("securitySchemes", {})
    return {scheme["name"] for scheme in schemes.values() if scheme.get("in") == "query"}


def _forgive(
    schema: BaseSchema,
    refusals: list[str],
    resets: str | None,
    query_schemes: set[str],
    cursors: set[str],
) -> None:
    """Drop findings that say nothing of the server.

    `resets` matches paths that empty it; `query_schemes` are credentials in a query, and `cursors`
    the places of pages there.
    """
    recent_resets: deque[bool] = deque(maxlen=LONGEST_SCENARIO)

    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> None:
        has_reset = resets is not None and re.search(resets, case.formatted_path) is not None
        recent_resets.append(has_reset and response.status_code < FIRST_REFUSAL)

    @schema.hook
    def filter_failure(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        failure: Failure,
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> bool:
        if isinstance(failure, EnsureResourceAvailability) and (
            any(recent_resets) or names_nothing(case)
        ):
            return False  # it was taken away by a reset, or the call names no resource
        if isinstance(failure, IgnoredAuth) and query_schemes & (case.query or {}).keys():
            return False  # only the credential in the header was broken
        text = response.content.decode("utf-8", "replace")
        if is_left_to_http(failure, response) or is_about_state(failure, case, response):
            return False
        if isinstance(failure, AcceptedNegativeData) and is_right_without_nothing(case, response):
            return False
        if isinstance(failure, AcceptedNegativeData) and is_right_as_text(case, response):
            return False
        is_made_up = response.status_code in _REFUSED_CURSOR and cursors & (case.query or {}).keys()
        known = bool(is_made_up) or any(re.search(refusal, text) for refusal in refusals)
        known = known or _has_whole_float(case.body) or _is_undefined(case, response)
        known = known or is_wrong_without_empty_fields(case, response)
        return not (known and isinstance(failure, RejectedPositiveData))


def _is_undefined(case: schemathesis.Case[Any], response: schemathesis.Response) -> bool:
    operation = contract.operation(case.method.upper(), case.operation.path)
    return operation is not None and has_undefined_form(operation, response.request.url or "")


def _has_whole_float(value: Any) -> bool:
    """Return whether a body has 1.0, which is an integer to schemas and a float to programs."""
    if isinstance(value, dict | list):
        return any(map(_has_whole_float, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value.is_integer()


def _refusals(api: str, run: FuzzRun) -> list[str]:
    refusals: list[str] = read_facts(api).fuzz.get("refusals", [])
    return [""] if run.foreign and refusals else refusals


def _is_unwritable(event: events.NonFatalError) -> bool:
    """Return whether Schemathesis made half a surrogate pair, which no URL can have."""
    return "surrogates not allowed" in event.info.format()


def _unanswered(event: events.NonFatalError) -> FuzzJudgement:
    """Return a failure of the server if it did not answer; raise `BrokenRun` for other errors."""
    if not isinstance(event.value, requests.RequestException):
        raise BrokenRun(f"{event.label}: {event.info.format()}")
    message = event.info.format()
    finding = Finding("No answer", message, "", event.info.code_sample or "")
    return FuzzJudgement(event.label, UNANSWERED, 1, finding)


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def yaml_text(
    context: schemathesis.DeserializationContext,  # noqa: ARG001 - Schemathesis passes it
    response: schemathesis.Response,
) -> str:
    """Return a YAML document as its text, as the schema describes it."""
    return response.content.decode()


@schemathesis.serializer(*YAML_MEDIA_TYPES)
def strict_yaml_body(
    context: schemathesis.SerializationContext,  # noqa: ARG001 - Schemathesis passes it
    value: Any,
) -> Any:
    """Write a text as a text: Schemathesis's own YAML leaves ``0E1`` unquoted."""
    if isinstance(value, dict | list):
        return strict_yaml.dump(value)
    return serialize_yaml(value)["data"]


def declared_error(
    context: schemathesis.CheckContext,  # noqa: ARG001 - Schemathesis passes it
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """Check that every error code in an answer is declared for its status."""
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or response.status_code < 400:
        return
    known = contract.codes(operation.api)
    if not known:
        return
    for code in error_codes(response.content):
        if code == str(response.status_code) and contract.is_replaced(operation.api):
            continue  # a rule without a code of its own
        declared = str(known[code]["status"]) if code in known else ""
        if declared != str(response.status_code):
            says = (
                f"{code} goes with {declared}" if declared else f"the contract has no code {code}"
            )
            label = case.operation.label
            raise Failure(operation=label, title="Undeclared error code", message=says)


# pytest imports these modules under a name of its own, so there may be two of each.
for check in (declared_error, allowed_methods):
    if check.__name__ not in CHECKS.get_all_names():
        schemathesis.check(check)


def _config(api: str, server: Server, run: FuzzRun) -> dict[str, Any]:
    values = server.world.known(api).fuzz_values()
    schemes = _reachable_schemes(api, server)
    return {
        "seed": run.seed,
        "auth": {"openapi": schemes} if schemes else {},
        "dictionaries": {_name(key): {"values": known} for key, known in values.items()},
        "parameters": {key: {"dictionary": _name(key)} for key in values},
        "generation": {"max-examples": run.examples, "deterministic": True, "database": "none"},
        "phases": {"coverage": {"unexpected-methods": []}} if run.safe else {},
        "continue-on-failure": True,
        # What is shown must be fit to be sent again: who shows it takes the secrets out.
        "output": {"sanitization": {"enabled": False}},
    }


def _reachable_schemes(api: str, server: Server) -> dict[str, dict[str, str]]:
    """Return the security schemes with a known credential."""
    schemes = contract.document(api).get("components", {}).get("securitySchemes", {})
    found = {}
    for scheme, name in read_facts(api).fuzz.get("auth", {}).items():
        with suppress(NoCredential):
            secret = server.world.credential(api, name).secret
            found[scheme] = _told_secret(schemes[scheme], secret)
    return found


def _told_secret(scheme: Mapping[str, str], secret: str) -> dict[str, str]:
    """Return a credential as Schemathesis is told it."""
    secret = secret.replace("${", "$${")  # else it would look for a variable
    if scheme["type"] == "apiKey":
        return {"api_key": secret.partition("=")[2] if scheme["in"] == "cookie" else secret}
    text = secret.rpartition(" ")[2]
    if scheme.get("scheme", "bearer").lower() != "basic":
        return {"bearer": text}
    username, _, password = b64decode(text).decode().partition(":")
    return {"username": username, "password": password}


def _name(key: str) -> str:
    return key.replace(".", "_")


def _judgements(recorder: ScenarioRecorder) -> Iterator[FuzzJudgement]:
    for case_id, checks in recorder.checks.items():
        operation = recorder.cases[case_id].value.operation.label
        for check in checks:
            yield FuzzJudgement(operation, check.name, 1, _finding(recorder, case_id, check))


def _finding(recorder: ScenarioRecorder, case_id: str, check: CheckNode) -> Finding | None:
    if check.failure_info is None:
        return None
    failure = check.failure_info.failure
    interaction = recorder.interactions.get(failure.case_id or case_id)
    reply = interaction and interaction.response
    came = f"{reply.status_code} {reply.content[:500]!r}" if reply else "no answer"
    return Finding(failure.title, failure.message, came, check.failure_info.code_sample)


def _text(finding: Finding) -> str:
    return f"{finding.title}\n{finding.message}\ncame: {finding.came}\n{finding.curl}"
