"""A server is judged by a contract of your own, with and without error codes in it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import yaml
from tallystick.contract_tests import contract, fuzz
from tallystick.contract_tests.api_facts import read_facts
from tallystick.contract_tests.client import RecordingClient
from tallystick.contract_tests.credentials import ServerCredentials
from tallystick.contract_tests.vectors import VectorRequest

from gate.stub import Stub
from generic.books import books
from server_process import READY
from tallystick.gate import runner
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.outcome import CONFORMS, COULD_NOT_RUN, Outcome, VerifyRun
from tallystick.gate.own_contract import own_contracts

CUSTOMERS = Path(__file__).with_name("customers.yaml")
KEY = "k-0123456789"
OPERATOR = {"Authorization": "Bearer dev-gateway-key"}
QUICK = tuple(suite for suite in runner.SUITES if suite != "fuzz")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A mock of the contract, which is a right server of it."""
    with mocking(CUSTOMERS, "--key", f"customerKey={KEY}") as found:
        yield found


@contextmanager
def mocking(contract: Path, *options: str) -> Iterator[str]:
    """A mock of a contract, at the URL that it tells."""
    command = [sys.executable, "-m", "tallystick", "mock", "--port", "0"]
    command += ["--contract", str(contract), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            found = (READY.search(line.rstrip()) for line in process.stderr)
            yield next(each[1] for each in found if each)
        finally:
            process.kill()


def judged(
    url: str, file: Path = CUSTOMERS, *suites: str, key: str = KEY, **known: str
) -> VerifyRun:
    credentials = {"customerKey": key} if key else {}
    told = Configuration(url, contracts=(str(file),), credentials=credentials, known=known)
    return runner.run_suites(told, suites=suites or QUICK)


def failures(run: VerifyRun) -> list[str]:
    return [
        f"{result.id}: {result.objections}"
        for result in run.list_results(Outcome.FAILED, Outcome.ERROR)
    ]


def test_a_right_server_conforms_to_a_contract_of_your_own(url: str) -> None:
    run = judged(url)
    assert failures(run) == []
    assert run.exit_code == CONFORMS
    passed = {(result.suite, result.name) for result in run.list_results(Outcome.PASSED)}
    assert ("example", "POST /customers is taken") in passed
    assert ("rule", "POST /customers: kind enum is KIND1") in passed
    name = "/customers: one that was made is shown, changed and deleted"
    assert ("sequence", name) in passed


def test_without_codes_each_rule_must_still_be_refused(url: str, tmp_path: Path) -> None:
    plain = yaml.safe_load(CUSTOMERS.read_text(encoding="utf-8"))
    del plain["x-codes"]
    for member in plain["components"]["schemas"]["NewCustomer"]["properties"].values():
        del member["x-error-codes"]
    file = tmp_path / "plain.yaml"
    file.write_text(yaml.dump(plain), encoding="utf-8")
    run = judged(url, file, "rule")
    assert failures(run) == []
    names = {result.name for result in run.list_results(Outcome.PASSED)}
    assert "POST /customers: kind enum is refused" in names
    assert "POST /customers: name maxLength is refused" in names


def test_a_server_that_takes_everything_fails(stub: Stub) -> None:
    run = judged(stub.url)
    failed = {result.suite for result in run.list_results(Outcome.FAILED)}
    assert {"access", "rule", "sequence", "bytes"} <= failed


SMALL = """
openapi: 3.1.0
info: {title: Small, version: '1'}
x-codes: {S1: {status: 400, message: The word is too long.}}
components:
  securitySchemes:
    person: {type: http, scheme: basic}
    token: {type: openIdConnect, openIdConnectUrl: 'https://example.com/oidc'}
    visit: {type: apiKey, in: cookie, name: visit}
  schemas:
    Error: {type: object, required: [code], properties: {code: {type: string}}}
paths:
  /words:
    get:
      parameters:
        - name: filter
          in: query
          content:
            application/json:
              schema: {type: string, maxLength: 3, x-error-codes: {maxLength: S1}}
        - {name: limit, in: query, schema: {type: integer}}
      responses:
        '200': {description: Words.}
        '400':
          description: Refused.
          content: {application/json: {schema: {$ref: '#/components/schemas/Error'}}}
  /anything:
    get: {}
"""
"""Parameters in a media type, no credential, no declared answer, and rules without codes."""


@pytest.mark.parametrize("suite", ["coverage", "fuzz"])
def test_a_contract_without_credentials_and_answers_is_judged(tmp_path: Path, suite: str) -> None:
    content = yaml.safe_load(SMALL)
    if suite == "fuzz":
        del content["paths"]["/words"]  # which takes a minute
    file = tmp_path / "small.yaml"
    file.write_text(yaml.dump(content), encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "example", "rule", suite, key="")
    assert failures(run) == []
    assert run.exit_code == CONFORMS


ASKED_BY_HEAD = """
openapi: 3.0.3
info: {title: Doors, version: '1'}
paths:
  /doors/{number}:
    parameters:
      - {name: number, in: path, required: true, example: 3, schema: {type: integer, maximum: 9}}
    get:
      responses: {'200': {description: A door.}, 4XX: {description: Refused.}}
    head:
      responses: {'200': {description: It is there.}, 4XX: {description: Refused.}}
    options:
      responses: {'200': {description: Its methods.}, 4XX: {description: Refused.}}
"""
"""Operations by methods other than the five that most contracts have."""


@pytest.mark.parametrize("safe", [False, True])
def test_operations_by_head_and_options_are_judged_and_are_safe(tmp_path: Path, safe: bool) -> None:
    file = tmp_path / "doors.yaml"
    file.write_text(ASKED_BY_HEAD, encoding="utf-8")
    with mocking(file) as url:
        told = Configuration(url, contracts=(str(file),), suites=("example", "rule"), safe=safe)
        run = runner.run_suites(told)
    assert failures(run) == []
    passed = {each.operation for each in run.results if each.outcome is Outcome.PASSED}
    assert passed == {f"{method} /doors/{{number}}" for method in ("GET", "HEAD", "OPTIONS")}


def test_an_open_list_in_pages_with_ids_of_the_servers_own_is_judged(tmp_path: Path) -> None:
    file = tmp_path / "books.yaml"
    file.write_text(books("cursor", "next_cursor: {type: [string, 'null']}"), encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "example", "sequence", "bytes", key="")
    assert failures(run) == []
    assert run.exit_code == CONFORMS


ISSUES = """
openapi: 3.0.3
info: {title: Issues, version: '1'}
components:
  schemas:
    Issue:
      type: object
      required: [id, number, title]
      properties: {id: {type: integer}, number: {type: integer}, title: {type: string}}
paths:
  /issues:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [title], properties: {title: {type: string}}}
      responses:
        '201': &issue
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Issue'}}}
        '400': {description: Refused.}
  /issues/{issue_number}:
    parameters: [{name: issue_number, in: path, required: true, schema: {type: integer}}]
    get: {responses: {'200': *issue, '400': {description: Refused.}, '404': {description: None.}}}
"""


def test_an_item_is_asked_for_by_what_the_end_of_its_parameter_names(tmp_path: Path) -> None:
    file = tmp_path / "issues.yaml"
    file.write_text(ISSUES, encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "sequence", key="")
    assert failures(run) == []
    assert len(run.list_results(Outcome.PASSED)) == 1


@pytest.mark.parametrize(
    ("scheme", "value", "expected"),
    [
        ("person", "ada:b:c", {"username": "ada", "password": "b:c"}),
        ("token", "t", {"bearer": "t"}),
        ("visit", "v=1", {"api_key": "v=1"}),
    ],
)
def test_a_credential_reaches_the_fuzzer_in_the_form_of_its_scheme(
    tmp_path: Path, scheme: str, value: str, expected: dict[str, str]
) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    told = Configuration("http://127.0.0.1:1", contracts=(str(file),), credentials={scheme: value})
    with own_contracts(told) as own:
        found = fuzz._told_secret(
            contract.document("small")["components"]["securitySchemes"][f"small.{scheme}"],
            own.credentials[f"small.{scheme}"],
        )
        assert own.told == {f"TALLYSTICK_CONTRACT_SMALL_{scheme.upper()}": value}
    assert found == expected


@pytest.mark.parametrize("asked", ["{raw: [], token: []}", "{token: [], raw: [], visit: []}"])
def test_schemes_of_one_header_are_sent_in_it_once(tmp_path: Path, asked: str) -> None:
    raw = "    raw: {type: apiKey, in: header, name: authorization}\n    person:"
    file = tmp_path / "small.yaml"
    text = SMALL.replace("    person:", raw).replace("paths:", f"security: [{asked}]\npaths:")
    file.write_text(text, encoding="utf-8")
    secrets = {"raw": "r", "token": "t", "visit": "v"}
    told = Configuration("http://127.0.0.1:1", contracts=(str(file),), credentials=secrets)
    with own_contracts(told) as own:
        given = {name.replace(".", "_"): value for name, value in own.credentials.items()}
        world = ServerCredentials(RecordingClient(told.url), given=given)
        [name] = (each for each in read_facts("small").credentials if " and " in each)
        sent = world.credential("small", name).applied(VectorRequest("GET", "/words", (), b""))
    headers = [(name, value) for name, value in sent.headers if name.lower() == "authorization"]
    assert headers == [("Authorization", "Bearer t")]
    assert ("Cookie" in dict(sent.headers)) == ("visit" in asked)


def test_what_needs_a_credential_you_did_not_give_is_skipped(url: str) -> None:
    run = judged(url, CUSTOMERS, "example", "access", "rule", "sequence", key="")
    made = [result for result in run.results if result.suite != "run"]
    assert {result.outcome for result in made} == {Outcome.SKIPPED}
    assert run.exit_code == COULD_NOT_RUN


def test_the_five_apis_are_there_again_after_a_run(stub: Stub) -> None:
    judged(stub.url, CUSTOMERS, "example")
    assert "charon" in contract.apis()
    assert contract.operation("GET", "/customers/1") is None


def test_a_url_without_the_base_path_of_the_contract_is_told(url: str, tmp_path: Path) -> None:
    file = tmp_path / "customers.yaml"
    text = CUSTOMERS.read_text(encoding="utf-8")
    file.write_text(f"servers: [{{url: https://example.com/v2}}]\n{text}", encoding="utf-8")
    away = f"{url}/away"  # nothing is there
    told = [result.reason for result in judged(away, file, "example").list_results(Outcome.ERROR)]
    assert told == [f"no call found anything: give {away}/v2, if that is its base URL"]
    assert judged(url, file, "example").list_results(Outcome.ERROR) == []


def test_a_credential_that_opens_nothing_is_told_once(url: str) -> None:
    said = "each call was refused, by a 401 too: is the credential that of this server?"
    for key, told in ((KEY, []), ("of-another-server", [said])):
        run = judged(url, CUSTOMERS, "example", key=key)
        errors = [result.reason for result in run.list_results(Outcome.ERROR)]
        assert errors == told


def test_a_contract_that_can_t_be_read_is_said(stub: Stub, tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="there is no such file"):
        judged(stub.url, tmp_path / "none.yaml")


def test_a_name_that_no_contract_has_is_refused(stub: Stub) -> None:
    told = Configuration(stub.url, contracts=(str(CUSTOMERS),))
    with pytest.raises(BadConfiguration, match="unknown credential key: choose one of customerKey"):
        runner.run_suites(replace(told, credentials={"key": "x"}))
    with pytest.raises(BadConfiguration, match="unknown identifier customer: choose one of id"):
        runner.run_suites(replace(told, known={"customer": "c-1"}))
    with pytest.raises(BadConfiguration, match=r"unknown credential customers\.key"):
        runner.run_suites(replace(told, credentials={"customers.key": "x"}))


def test_a_name_of_another_contract_s_run_is_left_alone(url: str) -> None:
    told = Configuration(
        url,
        contracts=(str(CUSTOMERS),),
        credentials={"customers.customerKey": KEY, "shop.shopKey": "x"},
        known={"shop.order": "o-1"},
    )
    assert failures(runner.run_suites(told, suites=("example",))) == []


def test_a_credential_may_come_from_the_environment(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLYSTICK_CONTRACT_CUSTOMERS_CUSTOMERKEY", KEY)
    run = judged(url, CUSTOMERS, "example", "rule", key="")
    assert failures(run) == []
    assert run.exit_code == CONFORMS


SHELF = """
openapi: 3.1.0
info: {title: Shelf, version: '1'}
x-codes:
  ROW1: {status: 422, message: The row is too high.}
  LANG1: {status: 422, message: The language is unknown.}
  LOOK1: {status: 422, message: The theme is unknown.}
components:
  responses:
    Refused:
      description: Refused.
      content:
        application/json:
          schema: {type: object, required: [code], properties: {code: {type: string}}}
paths:
  /shelves/{row}:
    parameters:
      - name: row
        in: path
        required: true
        example: 3
        schema: {type: integer, minimum: 1, maximum: 9, x-error-codes: {maximum: ROW1}}
    get:
      parameters:
        - name: X-Language
          in: header
          required: true
          schema: {type: string, enum: [de, en], x-error-codes: {enum: LANG1}}
        - name: theme
          in: cookie
          required: true
          schema: {type: string, enum: [day, night], x-error-codes: {enum: LOOK1}}
      responses:
        '200': {description: A shelf.}
        '422': {$ref: '#/components/responses/Refused'}
"""
"""Rules of a header, of a cookie and of a part of the path, with codes."""


@pytest.mark.parametrize("has_codes", [True, False])
def test_each_rule_of_a_header_a_cookie_and_a_path_is_broken(
    tmp_path: Path, has_codes: bool
) -> None:
    content = SHELF
    if not has_codes:
        content = re.sub(r", x-error-codes: {[^}]*}|x-codes:(\n  .*)*", "", SHELF)
    file = tmp_path / "shelf.yaml"
    file.write_text(content, encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "rule", key="", row="3")
    assert failures(run) == []
    names = {result.name for result in run.list_results(Outcome.PASSED)}
    row, language, theme = ("ROW1", "LANG1", "LOOK1") if has_codes else ("refused",) * 3
    assert f"GET /shelves/{{row}}: row maximum is {row}" in names
    assert f"GET /shelves/{{row}}: X-Language enum is {language}" in names
    assert f"GET /shelves/{{row}}: theme enum is {theme}" in names
    for name in ("X-Language", "theme"):
        assert (f"GET /shelves/{{row}}: {name} required is refused" in names) is not has_codes


def test_a_server_without_the_rules_of_a_header_a_cookie_and_a_path_fails(tmp_path: Path) -> None:
    strict, loose = tmp_path / "shelf.yaml", tmp_path / "loose.yaml"
    strict.write_text(SHELF, encoding="utf-8")
    open_rules = SHELF.replace(", maximum: 9, x-error-codes: {maximum: ROW1}", "")
    open_rules = open_rules.replace(", enum: [de, en], x-error-codes: {enum: LANG1}", "")
    open_rules = open_rules.replace(", enum: [day, night], x-error-codes: {enum: LOOK1}", "")
    loose.write_text(open_rules, encoding="utf-8")
    with mocking(loose) as url:
        run = judged(url, strict, "rule", key="", row="3")
    failed = {result.name for result in run.list_results(Outcome.FAILED)}
    assert failed == {
        "GET /shelves/{row}: row maximum is ROW1",
        "GET /shelves/{row}: X-Language enum is LANG1",
        "GET /shelves/{row}: theme enum is LOOK1",
    }


PAYMENTS = """
openapi: 3.1.0
info: {title: Payments, version: '1'}
components:
  schemas:
    Card:
      type: object
      required: [kind, number]
      properties: {kind: {const: card}, number: {type: string, maxLength: 5}}
      examples: [{kind: card, number: '12345'}]
    Cash:
      type: object
      required: [kind, amount]
      properties: {kind: {const: cash}, amount: {type: integer, maximum: 9}}
      examples: [{kind: cash, amount: 3}]
paths:
  /payments:
    post:
      requestBody:
        required: true
        content:
          application/json:
            schema:
              oneOf: [{$ref: '#/components/schemas/Card'}, {$ref: '#/components/schemas/Cash'}]
      responses: {'200': {description: Paid.}, '400': {description: Refused.}}
"""


OLD_PAYMENTS = (
    PAYMENTS.replace("3.1.0", "3.0.3")
    .replace("maximum: 9", "maximum: 9, exclusiveMaximum: true")
    .replace("const: card", "type: string, enum: [card]")
    .replace("const: cash", "type: string, enum: [cash]")
    .replace("examples: [{kind: card, number: '12345'}]", "example: {kind: card, number: '12345'}")
    .replace("examples: [{kind: cash, amount: 3}]", "example: {kind: cash, amount: 3}")
)


@pytest.mark.parametrize(
    "content", [PAYMENTS, OLD_PAYMENTS.replace("oneOf", "anyOf")], ids=["3.1", "3.0"]
)
def test_the_rules_of_each_branch_of_a_body_are_broken(tmp_path: Path, content: str) -> None:
    file, loose = tmp_path / "payments.yaml", tmp_path / "loose.yaml"
    file.write_text(content, encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "rule", key="")
    assert failures(run) == []
    names = {result.name for result in run.list_results(Outcome.PASSED)}
    assert {
        f"POST /payments: {rule} is refused"
        for rule in ("Card number maxLength", "Card number required", "Cash amount maximum")
    } <= names
    rule = re.compile(", maximum: 9(, exclusiveMaximum: true)?")
    loose.write_text(rule.sub("", content), encoding="utf-8")
    with mocking(loose) as url:
        run = judged(url, file, "rule", key="")
    failed = {result.name for result in run.list_results(Outcome.FAILED)}
    assert failed == {"POST /payments: Cash amount maximum is refused"}


@pytest.mark.parametrize("kind", ["oneOf", "anyOf"])
def test_a_branch_without_an_example_is_sent_and_broken_too(tmp_path: Path, kind: str) -> None:
    bare = re.sub(r"\n      examples: .*", "", PAYMENTS).replace("oneOf", kind)
    file, narrow = tmp_path / "payments.yaml", tmp_path / "narrow.yaml"
    file.write_text(bare, encoding="utf-8")
    with mocking(file) as url:
        run = judged(url, file, "example", "rule", key="")
    assert failures(run) == []
    names = {result.name for result in run.list_results(Outcome.PASSED)}
    assert {
        "POST /payments is taken, as Cash",
        "POST /payments: Card number maxLength is refused",
        "POST /payments: Cash amount maximum is refused",
    } <= names
    narrow.write_text(bare.replace(", {$ref: '#/components/schemas/Cash'}", ""), encoding="utf-8")
    with mocking(narrow) as url:
        run = judged(url, file, "example", key="")
    failed = {result.name for result in run.list_results(Outcome.FAILED)}
    assert failed == {"POST /payments is taken, as Cash"}


def test_null_is_refused_where_a_member_must_have_a_value(tmp_path: Path) -> None:
    file, loose = tmp_path / "payments.yaml", tmp_path / "loose.yaml"
    file.write_text(PAYMENTS, encoding="utf-8")
    loose.write_text(PAYMENTS.replace("type: integer", "type: [integer, 'null']"), encoding="utf-8")
    with mocking(loose) as url:
        run = judged(url, file, "rule", key="")
        lenient = judged(url, loose, "rule", key="")
    failed = {result.name for result in run.list_results(Outcome.FAILED)}
    assert failed == {"POST /payments: Cash amount null is refused"}
    assert failures(lenient) == []


@pytest.mark.parametrize("suite", ["example", "bytes"])
def test_a_server_that_asks_for_a_wait_is_called_again_after_it(suite: str) -> None:
    asked = {"outside": True, "status": 429, "headers": {"Retry-After": "1"}, "body": {}}
    with mocking(CUSTOMERS, "--key", f"customerKey={KEY}") as url:
        rule = {"operation": "createCustomer", "answer": asked, "times": 2}
        rules = f"{url}/gateway/v1/mock/rules"
        requests.post(rules, json=rule, headers=OPERATOR, timeout=20).raise_for_status()
        run = judged(url, CUSTOMERS, suite)
    assert failures(run) == []
    assert run.waited_s == 2


def test_a_server_that_limits_its_calls_is_told_beside_the_failures() -> None:
    said = "checks failed by a 429: judge a server that takes more calls in the time"
    for status, told in ((429, True), (400, False)):
        with Stub(status=status).running() as stub:
            run = judged(stub.url, CUSTOMERS, "example")
        errors = [result.reason for result in run.list_results(Outcome.ERROR)]
        assert (said in errors) == told
        assert run.list_results(Outcome.FAILED) != []
