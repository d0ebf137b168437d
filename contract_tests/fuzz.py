"""Schemathesis over the operations of one API, in all its phases and with every check."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.core.failures import Failure
from schemathesis.core.media_types import YAML_MEDIA_TYPES
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.openapi.checks import RejectedPositiveData

from . import contract, strict_yaml
from .coverage import Coverage, error_codes
from .servers import Server

FILE = Path(__file__).with_name("fuzz.yaml")
REQUEST_LINE_REFUSED = "Invalid HTTP request received."
"""What the HTTP server itself says of a URL of over 64 KB, which is outside the contract."""
SEED = 20_240_201


class BrokenRun(Exception):
    """Schemathesis could not run, which says nothing of the server."""


def failures(api: str, server: Server, coverage: Coverage, examples: int) -> list[str]:
    """What Schemathesis found wrong, once each, with a command that sends it again."""
    schema = schemathesis.openapi.from_dict(
        portable(api), config=SchemathesisConfig.from_dict(_config(api, server, examples))
    )
    schema.config.update(base_url=server.url)

    @schema.hook
    def after_call(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        case: schemathesis.Case[Any],
        response: schemathesis.Response,
    ) -> None:
        path = case.formatted_path
        coverage.saw(case.method.upper(), path, response.status_code, response.content)

    @schema.hook
    def filter_failure(
        context: schemathesis.HookContext,  # noqa: ARG001 - Schemathesis passes it
        failure: Failure,
        case: schemathesis.Case[Any],  # noqa: ARG001
        response: schemathesis.Response,
    ) -> bool:
        text = response.content.decode("utf-8", "replace")
        if text == REQUEST_LINE_REFUSED:
            return False
        refusals = _entries()[api].get("refusals", [])
        known = any(re.search(refusal, text) for refusal in refusals)
        return not (known and isinstance(failure, RejectedPositiveData))

    found: dict[tuple[str, str], str] = {}
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            raise BrokenRun(f"{event.label}: {event.info.format()}")
        if isinstance(event, events.FatalError):
            raise BrokenRun(str(event.exception)) from event.exception
        if isinstance(event, events.ScenarioFinished):
            for key, text in _failures(event.recorder):
                found.setdefault(key, text)
    return list(found.values())


@schemathesis.deserializer(*YAML_MEDIA_TYPES)
def yaml_text(
    context: schemathesis.DeserializationContext,  # noqa: ARG001 - Schemathesis passes it
    response: schemathesis.Response,
) -> str:
    """A YAML document is described as text."""
    return response.content.decode()


@schemathesis.check
def declared_error(
    context: schemathesis.CheckContext,  # noqa: ARG001 - Schemathesis passes it
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    """Every error code that an answer names is declared, and goes with the answer's status."""
    operation = contract.operation(case.method.upper(), case.operation.path)
    if operation is None or response.status_code < 400:
        return
    known = contract.codes(operation.api)
    if not known:
        return
    for code in error_codes(response.content):
        assert code in known, f"the contract has no code {code}"
        declared = int(known[code]["status"])
        assert declared == response.status_code, f"{code} goes with {declared}"


def portable(api: str) -> dict[str, Any]:
    """The API's document in plain OpenAPI: parameters by prefix are given names.

    What the gathering extension says can't be said otherwise in OpenAPI 3.0.
    """
    document: dict[str, Any] = copy.deepcopy(dict(contract.document(api)))
    # What another path serves too is the same operation, for which one run is enough.
    if aliases := _entries()[api].get("aliases"):
        paths = document["paths"]
        document["paths"] = {path: paths[path] for path in paths if not re.match(aliases, path)}
    for item in document["paths"].values():
        for method, operation in item.items():
            if method in ("get", "post", "put", "delete", "patch"):
                operation["parameters"] = list(_named(operation.get("parameters", [])))
    for schema in document["components"].get("schemas", {}).values():
        for prefix, gathered in schema.get("x-gathered", {}).items():
            schema["properties"][f"{prefix}application"] = _values(document, gathered)
    return document


def _named(parameters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for parameter in parameters:
        prefix = parameter.get("x-property-prefix")
        if prefix is None:
            yield parameter
        else:
            yield {
                "name": f"{prefix}application",
                "in": parameter["in"],
                "schema": {"type": "string", "maxLength": 255, "pattern": "^[^<>]*$"},
            }


def _values(document: Mapping[str, Any], reference: Mapping[str, Any]) -> Any:
    name = reference["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["additionalProperties"]


def _config(api: str, server: Server, examples: int) -> dict[str, Any]:
    entry = _entries()[api]
    values = entry.get("values", {})
    schemes = contract.document(api)["components"]["securitySchemes"]
    return {
        "seed": SEED,
        "auth": {
            "openapi": {
                scheme: _secret(schemes[scheme], server.world.credential(api, name).secret)
                for scheme, name in entry["auth"].items()
            }
        },
        "dictionaries": {_name(key): {"values": known} for key, known in values.items()},
        "parameters": {key: {"dictionary": _name(key)} for key in values},
        "generation": {"max-examples": examples, "deterministic": True, "database": "none"},
        "continue-on-failure": True,
    }


def _secret(scheme: Mapping[str, str], secret: str) -> dict[str, str]:
    if scheme["type"] == "http":
        return {"bearer": secret.removeprefix("Bearer ")}
    return {"api_key": secret}


def _name(key: str) -> str:
    return key.replace(".", "_")


def _failures(recorder: ScenarioRecorder) -> Iterator[tuple[tuple[str, str], str]]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is None:
                continue
            failure = check.failure_info.failure
            interaction = recorder.interactions.get(case_id)
            came = interaction and interaction.response
            yield (
                (recorder.label, f"{check.name} {failure.title}"),
                f"{recorder.label}: {check.name}: {failure.title}\n{failure.message}\n"
                f"came: {came and came.status_code} {came and came.content[:500]!r}\n"
                f"{check.failure_info.code_sample}",
            )


@cache
def _entries() -> dict[str, Any]:
    entries = strict_yaml.load(FILE.read_text(encoding="utf-8"))
    assert isinstance(entries, dict)
    return json.loads(json.dumps(entries))  # type: ignore[no-any-return]
