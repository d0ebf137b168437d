"""Each rule with an error code is broken alone, and its code must come."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from tallystick.contract_tests.broken_rules import BrokenRule, list_broken_rules
from tallystick.contract_tests.event_calls import list_event_calls, list_judged_calls
from tallystick.contract_tests.vectors import VectorRequest

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.contract.multipart_body import read_parts
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.suites.rules import judge_rules
from tallystick.gate.target_server import target_server


def rules(seed: int = 1) -> dict[str, BrokenRule]:
    post = list_event_calls("event_store")[1]
    return {
        each.name: each for each in list_broken_rules("event_store", post.marked("Tally"), seed)
    }


@pytest.mark.parametrize("api", ["event_store", "charon", "eventgrid"])
def test_a_server_that_answers_each_code_passes(server: ServerProcess, api: str) -> None:
    results = list(judge_rules(target_server(Configuration(server.url)), api))
    assert {result.outcome for result in results} == {Outcome.PASSED}


def test_a_server_that_takes_everything_fails_with_the_code(stub: Stub) -> None:
    results = list(judge_rules(target_server(Configuration(stub.url)), "event_store"))
    assert {result.outcome for result in results} == {Outcome.FAILED}
    assert results[0].asked == "400 with the code C000"


def test_a_request_breaks_one_rule_alone() -> None:
    found = rules()
    [missing] = found["cl required"].requests
    assert "cl" not in json.loads(missing.body or b"")
    lengths = {len(json.loads(each.body or b"")["cl"]) for each in found["cl maxLength"].requests}
    assert min(lengths) == 11
    assert found["cl maxLength"].code == "C003"
    taken = {json.loads(each.body or b"")["hs"] for each in found["hs enum"].requests}
    assert not taken & {"AWS", "AZU", "GCP", "CAV", "OTH"}
    assert {"aws", "AW", "IBM"} <= taken


def test_a_seed_repeats_the_requests() -> None:
    assert rules(1) == rules(1)
    assert rules(1) != rules(2)


def test_the_rules_of_the_request_as_a_whole_are_broken_too() -> None:
    found = rules()
    assert [each.body for each in found["body required"].requests] == [b""]
    assert found["body syntax"].code == found["body type"].code == "P001"
    [twice] = found["body duplicate"].requests
    assert (twice.body or b"").count(b'"cl"') == 2


PLAIN = """
openapi: 3.0.3
info: {title: Plain, version: '1'}
paths:
  /things:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              minProperties: 1
              properties:
                weight: {type: number, minimum: 0, exclusiveMinimum: true, multipleOf: 0.5}
                code: {type: string, pattern: '^[A-Z]{2}$', minLength: 1}
                tags: {type: array, uniqueItems: true, items: {type: string}}
      responses: {'201': {description: Made.}}
"""


def test_rules_without_codes_are_broken_at_their_very_edge(tmp_path: Path) -> None:
    file = tmp_path / "plain.yaml"
    file.write_text(PLAIN, encoding="utf-8")
    body = {"weight": 1.5, "code": "AB", "tags": ["a", "b"]}
    request = VectorRequest("POST", "/things", body=json.dumps(body).encode())
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        found = list_broken_rules("plain", request, 1)
    sent = {each.name: [json.loads(r.body or b"") for r in each.requests] for each in found}
    assert 0 in [each["weight"] for each in sent["weight minimum"]]
    assert [each["weight"] for each in sent["weight multipleOf"]] == [1.75]
    assert {"AB!", "!AB"} <= {each["code"] for each in sent["code pattern"]}
    assert [each["tags"] for each in sent["tags uniqueItems"]] == [["a", "a", "b"]]
    assert sent["body minProperties"] == [{}]


PLACES = """
openapi: 3.1.0
info: {title: Places, version: '1'}
paths:
  /places:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                kind: {const: city}
                anything: {$ref: '#/components/schemas/Anything'}
                position:
                  type: array
                  prefixItems: [{type: number, maximum: 90}, {type: number, maximum: 180}]
                  items: false
      responses: {'201': {description: Made.}}
components: {schemas: {Anything: true}}
"""


def test_each_element_of_a_tuple_and_a_constant_are_broken(tmp_path: Path) -> None:
    file = tmp_path / "places.yaml"
    file.write_text(PLACES, encoding="utf-8")
    body = {"kind": "city", "anything": {"a": [1]}, "position": [52.5, 13.4]}
    request = VectorRequest("POST", "/places", body=json.dumps(body).encode())
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        found = list_broken_rules("places", request, 1)
    sent = {each.name: [json.loads(r.body or b"") for r in each.requests] for each in found}
    assert [each["position"] for each in sent["position.0 maximum"]] == [[91, 13.4]]
    assert [each["position"] for each in sent["position.1 maximum"]] == [[52.5, 181]]
    assert {"CITY", "cit", "company"} <= {each["kind"] for each in sent["kind const"]}


FORMS = """
openapi: 3.0.3
info: {title: Forms, version: '1'}
paths:
  /tickets:
    post:
      requestBody:
        required: true
        content:
          MEDIA:
            schema:
              type: object
              required: [title, photo]
              properties:
                title: {type: string, maxLength: 10, example: A & b}
                seats: {type: integer, maximum: 9, example: 2}
                photo: {type: string, format: binary}
      responses: {'201': {description: Made.}}
"""


@pytest.mark.parametrize("media", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_rules_of_a_form_s_fields_are_broken_alone(media: str, tmp_path: Path) -> None:
    file = tmp_path / "forms.yaml"
    file.write_text(FORMS.replace("MEDIA", media), encoding="utf-8")
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        [call] = list_judged_calls("forms")
        found = list_broken_rules("forms", call.request, 1)
    sent = {each.name: [read_form(request) for request in each.requests] for each in found}
    assert [list(each) for each in sent["title required"]] == [["seats", "photo"]]
    assert [list(each) for each in sent["photo required"]] == [["title", "seats"]]
    assert sent["title maxLength"][0] == {**read_form(call.request), "title": "A & bA & bA"}
    assert {each["seats"] for each in sent["seats maximum"]} == {"10"}
    assert {each["seats"] for each in sent["seats type"]} == {"five", "1.5"}


def read_form(request: VectorRequest) -> dict[str, str]:
    headers = dict(request.headers)
    body = request.body or b""
    if "multipart" not in headers["Content-Type"]:
        return dict(parse_qsl(body.decode()))
    parts = read_parts(body, headers["Content-Type"])
    return {part.name: part.content.decode() for part in parts}


def test_a_server_that_takes_each_field_fails_by_a_line_to_paste(
    stub: Stub, tmp_path: Path
) -> None:
    file = tmp_path / "forms.yaml"
    file.write_text(FORMS.replace("MEDIA", "multipart/form-data"), encoding="utf-8")
    with own_contracts(Configuration(stub.url, contracts=(str(file),))) as told:
        results = list(judge_rules(target_server(told), "forms"))
    assert {result.outcome for result in results} == {Outcome.FAILED}
    shown = next(result for result in results if "title maxLength" in result.name)
    assert "\n" not in shown.sent
    subprocess.run(["/bin/sh", "-c", shown.sent], check=True, capture_output=True)
    again = stub.asked[-1].body
    assert again in [each.body for each in stub.asked[:-1]]
    assert b'name="title"\r\n' in again
