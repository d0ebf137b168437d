"""Reads your own contract, and the facts for judging a server by it from the contract alone."""

from __future__ import annotations

import json
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
from tallystick.gate.own_credentials import OwnCredentials, refuse_unknown_names
from tallystick.gate.required_parameters import renewed_headers
from tallystick.gate.resource_sequences import make_sequence
from tallystick.gate.resources import Resource, list_resources


@contextmanager
def own_contracts(configuration: Configuration) -> Iterator[Configuration]:
    """Judge by the configured contracts alone until the end of the block; yield the new settings.

    Raises `BadConfiguration` for a contract that can't be read, or a name that none has.
    """
    if not configuration.contracts:
        yield configuration
        return
    try:
        read = read_contracts(configuration.contracts, contract.apis())
    except UnreadableContract as error:
        raise BadConfiguration(str(error)) from error
    own = [_OwnContract(each.document, configuration) for each in read]
    _refuse_unknown(own, configuration)
    files = {each.document.api: each.files[0] for each in read}
    texts = {each.api: (each.document.content, each.document.text.decode()) for each in own}
    facts = {each.api: each.make_facts() for each in own}
    with contract.replaced_documents(texts, files), api_facts.replaced_facts(facts):
        secrets: dict[str, str] = {}
        told: dict[str, str] = {}
        for each in own:
            secrets |= each.credentials.make_secrets()
            told |= each.credentials.list_told()
        apis = configuration.apis or tuple(facts)
        yield replace(configuration, apis=apis, credentials=secrets, known={}, told=told)


def _refuse_unknown(own: list[_OwnContract], configuration: Configuration) -> None:
    schemes = {each.api: each.credentials.names for each in own}
    refuse_unknown_names("credential", configuration.credentials, schemes)
    parameters = {each.api: each.parameters for each in own}
    refuse_unknown_names("identifier", configuration.known, parameters)


class _OwnContract:
    """One contract with what you told of its server."""

    def __init__(self, document: Document, configuration: Configuration) -> None:
        self.api = document.api
        self.document = document
        self.credentials = OwnCredentials(document, configuration.credentials)
        self.parameters = [
            name for path in document.content["paths"] for name in _list_parameters(path)
        ]
        self._known = configuration.known_of(document.api, self.parameters)
        self._samples = SampleRequests(document)
        self._resources = list_resources(document, self._samples, self.credentials)

    def make_facts(self) -> ApiFacts:
        """Return the facts of the contract."""
        examples, events, further, branches = [], [], [], {}
        for path, method, operation in self.document.operations():
            sample = self._samples.make_request(operation["operationId"], self._known)
            unknown = [name for name in _list_parameters(path) if name not in self._known]
            call: Mapping[str, Any] = {
                "request": self._request(sample),
                "credential": self._choose(operation),
            }
            if method != "delete":  # it would delete what may be yours
                made = self._samples.make_branches(operation)
                branches[operation["operationId"]] = list(made.values())
                example = {**call, "unknown": bool(unknown)}
                examples += [example, *_list_made(example, made)]
            call = self._renewed(path, operation, call)
            if not unknown and self._is_event(method, operation, sample):
                events.append(call)
            elif not unknown:
                further.append(call)
            elif resource := self._find_resource(path):
                further.append(resource.prepare(path, call))
        return ApiFacts(
            credentials=self.credentials.make_facts(),
            events=events,
            further=further,
            examples=examples,
            branches=branches,
            sequences=[make_sequence(each) for each in self._resources],
            fuzz={
                "auth": {name: name.partition(".")[2] for name in self.document.schemes},
                "values": {f"path.{name}": [value] for name, value in self._known.items()},
                "cursors": self._samples.list_cursors(),
            },
        )

    def _renewed(
        self, path: str, operation: Mapping[str, Any], call: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return a call with what no other call had, where the same may be refused.

        A rule is seen only in a request that would be taken but for it.
        """
        headers = renewed_headers(self.document, operation, call["request"]["headers"])
        request = {**call["request"], "headers": headers}
        made = next((each for each in self._resources if each.path == path), None)
        if made and made.own and operation is made.post:
            above = f"@{made.parent.gap}@" if made.parent else ""
            text = json.dumps(made.body)
            text = text.replace(above, "@ID@") if above else text
            request["base64"] = b64encode(text.encode()).decode()
        return {**call, "request": request}

    def _choose(self, operation: Mapping[str, Any]) -> str | None:
        return self.credentials.choose(operation)

    def _is_event(self, method: str, operation: Mapping[str, Any], sample: SampleRequest) -> bool:
        body = self.document.resolve(operation.get("requestBody", {}))
        has_json = "application/json" in body.get("content", {})
        return method != "delete" and (has_json or (method == "post" and bool(sample.query)))

    def _find_resource(self, path: str) -> Resource | None:
        """Return the resource that a path with unknown ids is about."""
        return next((each for each in self._resources if each.has(path)), None)

    def _request(self, sample: SampleRequest) -> dict[str, Any]:
        """Return a sample request without its credentials, as a file of facts has it."""
        secret = self._list_places("header") - {"cookie"}
        headers = {
            name: value for name, value in sample.headers.items() if name.lower() not in secret
        }
        if cookies := self._cookies(headers.pop("Cookie", "")):
            headers["Cookie"] = cookies
        body = {"base64": b64encode(sample.body).decode()} if sample.body else {}
        return {"method": sample.method, "path": self._target(sample), "headers": headers, **body}

    def _target(self, sample: SampleRequest) -> str:
        secret = self._list_places("query")
        fields = (each for each in sample.query.split("&") if each)
        query = "&".join(each for each in fields if each.partition("=")[0].lower() not in secret)
        return f"{sample.path}?{query}" if query else sample.path

    def _cookies(self, text: str) -> str:
        """Return the cookies of a header that are no credentials."""
        schemes = self.document.schemes.values()
        secret = {each["name"] for each in schemes if each.get("in") == "cookie"}
        pairs = [each for each in text.split("; ") if each.partition("=")[0] not in secret]
        return "; ".join(pairs)

    def _list_places(self, kind: str) -> set[str]:
        """Return the names in small letters of the headers or query fields with a credential."""
        entries = self.credentials.make_facts().values()
        return {entry[kind].lower() for entry in entries if kind in entry}


def _list_made(example: Mapping[str, Any], made: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an example with each of some other bodies."""
    for name, body in made.items():
        request = {**example["request"], "base64": b64encode(json.dumps(body).encode()).decode()}
        yield {**example, "request": request, "branch": name}


def _list_parameters(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]
