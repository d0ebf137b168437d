"""What Schemathesis finds is summed up by operation and check."""

from __future__ import annotations

import signal
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from schemathesis.engine.run.unit._pool import WorkerPool
from schemathesis.openapi.checks import MissingHeaderNotRejected, RejectedPositiveData
from tallystick.contract_tests.api_facts import read_facts
from tallystick.contract_tests.fuzz import Finding, FuzzRun, judgements
from tallystick.contract_tests.state_refusals import is_about_state

from gate.stub import Stub
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import Outcome
from tallystick.gate.own_contract import own_contracts
from tallystick.gate.suites.fuzz import NO_REFUSAL, Fuzzed, judge_fuzzing
from tallystick.gate.target_server import target_server

CREATE = "POST /create"
GOOD_ID = "5a8e1b8c-0f0d-4b6e-9c55-5d3a9a1d8e7a"
ITEMS = """
openapi: 3.1.0
info: {title: Items, version: '1'}
paths:
  /items/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string, format: uuid}}
    delete:
      responses: {'204': {description: Gone.}, 4XX: {description: Refused.}}
"""
FINDING = Finding("Undocumented status", "418 is not declared", "418", "curl http://x")
OTHER = Finding("Server error", "500", "500", "curl http://y")


def test_one_check_of_one_operation_is_one_result_with_all_its_cases() -> None:
    found = Fuzzed("event_store")
    found.add(CREATE, "status_code", 3)
    found.add(CREATE, "status_code", 4)
    found.add("GET /create", "status_code", 1)
    assert [(r.name, r.outcome, r.cases) for r in found.judged()] == [
        ("POST /create status_code", Outcome.PASSED, 7),
        ("GET /create status_code", Outcome.PASSED, 1),
    ]


def test_each_kind_of_failure_is_a_result_and_the_check_has_no_other() -> None:
    found = Fuzzed("event_store")
    found.add(CREATE, "status_code", 3)
    found.add(CREATE, "status_code", 1, FINDING)
    found.add(CREATE, "status_code", 1, FINDING)
    found.add(CREATE, "status_code", 1, OTHER)
    found.add(CREATE, "headers", 5)
    assert [(r.name, r.outcome, r.cases) for r in found.judged()] == [
        ("POST /create status_code, Undocumented status", Outcome.FAILED, 2),
        ("POST /create status_code, Server error", Outcome.FAILED, 1),
        ("POST /create headers", Outcome.PASSED, 5),
    ]


def test_a_failure_has_what_was_sent_what_came_and_where_the_rule_stands() -> None:
    found = Fuzzed("event_store")
    found.add(CREATE, "status_code", 1, FINDING)
    [result] = found.judged()
    assert result.objections == ("Undocumented status\n418 is not declared",)
    assert (result.sent, result.came) == ("curl http://x", "418")
    assert (result.operation, result.suite) == (CREATE, "fuzz")
    assert [place.file for place in result.places] == ["openapi/event_store.yaml"]


def test_of_the_requests_that_fail_alike_the_shortest_is_shown() -> None:
    found = Fuzzed("event_store")
    for sent in ("curl http://long", "curl x", "curl http://longer"):
        found.add(CREATE, "not_a_server_error", 1, Finding("Server error", "500", "500 x", sent))
    [result] = found.judged()
    assert (result.sent, result.cases, result.asked) == ("curl x", 3, "a status below 500")


def test_a_failure_says_what_the_contract_declares_and_where() -> None:
    found = Fuzzed("event_store")
    finding = Finding("Undocumented status", "418", "403 b''", "curl x")
    found.add(CREATE, "status_code_conformance", 1, finding)
    [result] = found.judged()
    assert result.asked == "one of the declared statuses 200, 400, 403, 413, 429, 500, 503"
    [place] = result.places
    [operation] = Fuzzed("event_store")._result(CREATE, "headers", None).places
    assert place.line > operation.line


NO_REFUSALS = """
openapi: 3.0.3
info: {title: Notes, version: '1'}
paths:
  /notes:
    get: {responses: {'200': {description: Notes.}}}
    put:
      responses:
        '200': {description: Notes.}
        4XX: {description: Refused.}
        default: {description: Broken.}
"""


def test_a_contract_without_an_answer_to_refused_requests_is_told_to_declare_one(
    tmp_path: Path,
) -> None:
    file = tmp_path / "notes.yaml"
    file.write_text(NO_REFUSALS, encoding="utf-8")
    check = "status_code_conformance"
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        for label, came, advice in (
            ("GET /notes", "400 b''", (NO_REFUSAL,)),
            ("GET /notes", "201 b''", ()),
            ("PUT /notes", "418 b''", ()),
        ):
            finding = Finding("Undocumented status code", "", came, "curl x")
            result = Fuzzed("notes")._result(label, check, finding)
            assert result.objections == ("Undocumented status code", *advice)
        assert result.asked == "one of the declared statuses 200, 4XX, default"
        assert [place.line for place in result.places] == [10]
        [place] = Fuzzed("notes")._result("PUT /notes", "x", replace(finding, came="500")).places
        assert place.line == 11


def test_an_api_of_which_nothing_may_be_sent_is_not_fuzzed(stub: Stub) -> None:
    target = target_server(Configuration(stub.url, safe=True))
    results = list(judge_fuzzing(target, "event_store"))
    assert {(result.outcome, result.reason) for result in results} == {
        (Outcome.DISABLED, "it may write")
    }
    assert stub.asked == []


def test_a_run_that_is_interrupted_has_no_verdict(stub: Stub) -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    stub.may_answer.clear()
    results = judge_fuzzing(target_server(Configuration(stub.url)), "event_store")
    threading.Thread(target=interrupt_when_asked, args=(stub,)).start()
    with pytest.raises(KeyboardInterrupt):
        list(results)
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_that_schemathesis_swallows_ends_the_run(
    stub: Stub, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = WorkerPool.start
    started: list[WorkerPool] = []

    def start_interrupted(pool: WorkerPool) -> None:
        started.append(pool)
        start(pool)
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(WorkerPool, "start", start_interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    results = judge_fuzzing(target_server(Configuration(stub.url)), "event_store")
    try:
        with pytest.raises(KeyboardInterrupt):
            list(results)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
        # The program ends, and its threads with it. This process goes on, and they would raise
        # Python's recursion limit under the tests that follow.
        for pool in started:
            pool.ctx.stop()
            pool.stop()


def interrupt_when_asked(stub: Stub) -> None:
    """Interrupt this process as Ctrl-C does, once the run has begun.

    The run waits for an answer then: urllib3 leaves a socket open if it comes while it connects.
    """
    while not stub.asked:
        time.sleep(0.01)
    signal.raise_signal(signal.SIGINT)
    stub.may_answer.set()


@pytest.mark.parametrize(
    ("status", "item_id", "headers", "is_left_out"),
    [
        (410, GOOD_ID, {}, True),
        (412, GOOD_ID, {}, True),
        (416, GOOD_ID, {}, True),
        (422, GOOD_ID, {"Idempotency-Key": "x"}, True),
        (422, GOOD_ID, {}, False),
        (400, GOOD_ID, {}, False),
        (400, "95", {}, True),
    ],
)
def test_what_is_gone_or_changed_says_nothing_against_a_request(
    tmp_path: Path, status: int, item_id: str, headers: dict[str, str], is_left_out: bool
) -> None:
    file = tmp_path / "items.yaml"
    file.write_text(ITEMS, encoding="utf-8")
    failure = RejectedPositiveData(
        operation="DELETE /items/{id}",
        message="refused",
        status_code=status,
        allowed_statuses=["2xx"],
    )
    case = SimpleNamespace(
        method="DELETE",
        operation=SimpleNamespace(path="/items/{id}"),
        path_parameters={"id": item_id},
        headers=headers,
    )
    response = SimpleNamespace(status_code=status)
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        found = is_about_state(failure, case, response)  # type: ignore[arg-type]  # as much as is read
    assert found is is_left_out


def test_a_lack_of_a_version_may_be_a_428() -> None:
    failure = MissingHeaderNotRejected(
        operation="DELETE /x",
        header_name="If-Match",
        status_code=428,
        expected_statuses=[400],
        message="accepted",
    )
    for status in (428, 204):
        response = SimpleNamespace(status_code=status)
        assert is_about_state(failure, SimpleNamespace(), response) is (status == 428)  # type: ignore[arg-type]  # as much as is read


PAGED = """
openapi: 3.1.0
info: {title: Paged, version: '1'}
paths:
  /items:
    get:
      operationId: items
      parameters:
        - {name: PARAMETER, in: query, required: true, schema: {type: string}}
        - {name: page, in: query, style: deepObject, schema: {properties: {cursor: {}}}}
      responses: {'400': {description: No page.}}
"""


@pytest.mark.parametrize(("parameter", "is_right"), [("starting_after", True), ("word", False)])
def test_a_made_up_place_of_a_page_may_be_refused(
    tmp_path: Path, parameter: str, is_right: bool
) -> None:
    file = tmp_path / "paged.yaml"
    file.write_text(PAGED.replace("PARAMETER", parameter), encoding="utf-8")
    with Stub(status=400).running() as stub:
        told = Configuration(stub.url, contracts=(str(file),))
        with own_contracts(told):
            assert "page" in read_facts("paged").fuzz["cursors"]
            target = target_server(told)
            run = FuzzRun(3, safe=True)
            found = list(judgements("paged", target.server, target.coverage, run))
    refused = [each.finding for each in found if each.check == "positive_data_acceptance"]
    assert (not any(refused)) is is_right
    assert refused


TOKENS = """
openapi: 3.0.3
info: {title: Tokens, version: '1'}
paths:
  /oauth:
    get: {security: [{oauth: [read]}], responses: {'200': {description: Done.}}}
  /openid:
    get: {security: [{openid: [read]}], responses: {'200': {description: Done.}}}
components:
  securitySchemes:
    oauth:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: 'http://127.0.0.1:1', scopes: {read: Reads.}}}
    openid: {type: openIdConnect, openIdConnectUrl: 'http://127.0.0.1:1'}
"""


def test_an_operation_that_forgets_a_token_is_a_failure(stub: Stub, tmp_path: Path) -> None:
    file = tmp_path / "tokens.yaml"
    file.write_text(TOKENS, encoding="utf-8")
    told = Configuration(
        stub.url, contracts=(str(file),), credentials={"oauth": "a", "openid": "b"}
    )
    with own_contracts(told) as own:
        target = target_server(own)
        found = list(judgements("tokens", target.server, target.coverage, FuzzRun(3, safe=True)))
    open_ = {each.operation for each in found if each.check == "ignored_auth" and each.finding}
    assert open_ == {"GET /oauth", "GET /openid"}


SHOWN = """
openapi: 3.0.3
info: {title: Shown, version: '1'}
paths:
  /shown:
    get:
      responses:
        '200':
          description: What was sent.
          content:
            application/json:
              schema: {type: object, properties: {number: {type: integer}}}
"""


@pytest.mark.parametrize(
    ("text", "is_right"), [(b'{"\\udfff": 1}', True), (b'{"\\udfff": 1, "number": "x"}', False)]
)
def test_the_schema_judges_an_answer_with_half_a_surrogate_pair(
    text: bytes, is_right: bool, tmp_path: Path
) -> None:
    file = tmp_path / "shown.yaml"
    file.write_text(SHOWN, encoding="utf-8")
    with Stub(text).running() as stub:
        told = Configuration(stub.url, contracts=(str(file),))
        with own_contracts(told):
            target = target_server(told)
            run = FuzzRun(3, safe=True)
            found = list(judgements("shown", target.server, target.coverage, run))
    judged = [each.finding for each in found if each.check == "response_schema_conformance"]
    assert judged
    assert (not any(judged)) is is_right
    assert all(finding.title != "JSON deserialization error" for finding in judged if finding)
