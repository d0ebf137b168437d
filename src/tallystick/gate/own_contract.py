"""Reads your own contract, and the facts for judging a server by it from the contract alone."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tallystick.contract.document import Document
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.reader.faults import UnreadableContract
from tallystick.contract.sample_request import SampleRequest, SampleRequests
from tallystick.contract_tests import api_facts, contract
from tallystick.contract_tests.api_facts import ApiFacts
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.resource_sequences import list_resource_sequences


@contextmanager
def own_contracts(configuration: Configuration) -> Iterator[Configuration]:
    """Judge by the configured contracts alone until the end of the block; yield the new settings.

    Raises `BadConfiguration` for a contract that can't be read.
    """
    if not configuration.contracts:
        yield configuration
        return
    try:
        read = read_contracts(configuration.contracts, contract.apis())
    except UnreadableContract as error:
        raise BadConfiguration(str(error)) from error
    documents = [each.document for each in read]
    files = {each.document.api: each.files[0] for each in read}
    facts = {each.api: _make_facts(each, configuration) for each in documents}
    texts = {each.api: (each.content, each.text.decode()) for each in documents}
    with contract.replaced_documents(texts, files), api_facts.replaced_facts(facts):
        secrets: dict[str, str] = {}
        for document in documents:
            secrets |= _secrets(document, configuration.credentials)
        apis = configuration.apis or tuple(facts)
        yield replace(configuration, apis=apis, credentials=secrets, known={})


def _make_facts(document: Document, configuration: Configuration) -> ApiFacts:
    names = {_short(name): _place(scheme) for name, scheme in document.schemes.items()}
    known = configuration.known
    samples = SampleRequests(document)
    examples, events = [], []
    for path, method, operation in document.operations():
        sample = samples.make_request(operation["operationId"], known)
        unknown = [part for part in _parameters(path) if part not in known]
        call = {
            "request": _request(document, sample),
            "credential": _credential(operation, configuration.credentials),
        }
        examples.append({**call, "unknown": bool(unknown)})
        if not unknown and (_has_json(document, operation) or (sample.query and method == "post")):
            events.append(call)
    return ApiFacts(
        credentials={name: place for name, place in names.items() if place},
        events=events,
        examples=examples,
        sequences=list(list_resource_sequences(document, samples, configuration.credentials)),
        fuzz={
            "auth": {name: _short(name) for name in document.schemes},
            "values": {f"path.{name}": [value] for name, value in known.items()},
        },
    )


def _short(scheme: str) -> str:
    return scheme.partition(".")[2]


def _parameters(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


def _has_json(document: Document, operation: Mapping[str, Any]) -> bool:
    body = document.resolve(operation.get("requestBody", {}))
    return "application/json" in body.get("content", {})


def _request(document: Document, sample: SampleRequest) -> dict[str, Any]:
    """Return a sample request without its credentials, as a file of facts has it."""
    secret = {
        place["header"].lower()
        for place in map(_place, document.schemes.values())
        if "header" in place
    }
    headers = {name: value for name, value in sample.headers.items() if name.lower() not in secret}
    request = {"method": sample.method, "path": sample.target, "headers": headers}
    return request | ({"base64": b64encode(sample.body).decode()} if sample.body else {})


def _place(scheme: Mapping[str, Any]) -> dict[str, str]:
    if scheme["type"] != "apiKey":
        return {"header": "Authorization"}
    where = scheme["in"]
    return {"header": "Cookie"} if where == "cookie" else {where: scheme["name"]}


def _credential(operation: Mapping[str, Any], given: Mapping[str, str]) -> str | None:
    """Return the name of the credential that an operation takes, one you gave if it can be."""
    names = [_short(name) for requirement in operation.get("security", ()) for name in requirement]
    return next((name for name in names if name in given), names[0] if names else None)


def _secrets(document: Document, given: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name, scheme in document.schemes.items():
        short = _short(name)
        if short in given:
            found[f"{document.api}.{short}"] = _spelled(scheme, given[short])
    return found


def _spelled(scheme: Mapping[str, Any], value: str) -> str:
    """Return a secret as its header or query has it."""
    if scheme["type"] == "apiKey":
        return f"{scheme['name']}={value}" if scheme["in"] == "cookie" else value
    if scheme.get("scheme", "bearer").lower() == "basic":
        return f"Basic {b64encode(value.encode()).decode()}"
    return f"Bearer {value}"
