"""Each vector is sent to a server, and judged by the answer that it asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tallystick.contract_tests.vectors import Expected, Vector, VectorRequest

from gate.stub import Stub
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CheckResult, Outcome
from tallystick.gate.suites.result import NOT_PROVOKED, SAFE
from tallystick.gate.suites.vectors import judge_vector, list_vectors
from tallystick.gate.target_server import target_server

VECTOR = Vector(
    api="gateway",
    name="The service is well",
    source="gateway notes",
    request=VectorRequest("GET", "/healthz"),
    expected=Expected(200, body={"status": "ok"}, has_body=True),
    credential=None,
    needs="default",
    repeat=1,
    stock=None,
    file="gateway/own.yaml",
    line=7,
)
CREATE = VectorRequest("POST", "/create", (), b"{}")


def judged(url: str, vector: Vector = VECTOR, *, safe: bool = False) -> CheckResult:
    return judge_vector(target_server(Configuration(url, safe=safe)), vector)


def test_the_vectors_of_an_api_are_its_own() -> None:
    found = list_vectors(Configuration("http://x"), "charon")
    assert {vector.api for vector in found} == {"charon"}
    assert len({vector.id for vector in found}) == len(found)


def test_an_answer_as_it_is_asked_for_passes() -> None:
    with Stub(b'{"status": "ok"}').running() as stub:
        result = judged(stub.url)
    assert (result.outcome, result.id) == (Outcome.PASSED, "gateway vector: The service is well")
    assert (result.operation, result.objections) == ("GET /healthz", ())


def test_another_answer_fails_with_what_it_is_and_where_the_rule_stands(stub: Stub) -> None:
    result = judged(stub.url)
    assert result.outcome is Outcome.FAILED
    assert result.objections[-1] == "the rule is a ruling of ours: gateway notes"
    assert result.asked == '200\n\n{"status": "ok"}'
    assert result.sent.startswith("curl ")
    assert [str(place).partition(":")[0] for place in result.places] == [
        "contract_tests/vectors/gateway/own.yaml",
        "openapi/gateway.yaml",
    ]


def test_a_vector_is_sent_as_often_as_it_says(stub: Stub) -> None:
    judged(stub.url, replace(VECTOR, repeat=3))
    assert [asked.path for asked in stub.asked] == ["/healthz"] * 3


def test_no_answer_is_a_failure() -> None:
    with Stub().running() as stub:
        url = stub.url
    result = judged(url)
    assert result.outcome is Outcome.FAILED
    assert result.objections[0].startswith("no answer came: ")


@pytest.mark.parametrize(
    ("vector", "safe", "outcome", "reason"),
    [
        (replace(VECTOR, needs="fault"), False, Outcome.SKIPPED, NOT_PROVOKED),
        (replace(VECTOR, request=CREATE), True, Outcome.DISABLED, SAFE),
        (
            replace(VECTOR, request=VectorRequest("GET", "/create?cl=EDF")),
            True,
            Outcome.DISABLED,
            SAFE,
        ),
    ],
    ids=["a failure", "a method that writes", "a GET that writes"],
)
def test_what_is_not_to_be_sent_is_not_sent(
    stub: Stub, vector: Vector, safe: bool, outcome: Outcome, reason: str
) -> None:
    result = judged(stub.url, vector, safe=safe)
    assert (result.outcome, result.reason, stub.asked) == (outcome, reason, [])


def test_a_missing_credential_is_said(stub: Stub) -> None:
    target = target_server(Configuration("https://staging.example.com", ("event_store",)))
    vector = replace(VECTOR, api="event_store", request=CREATE, credential="key")
    result = judge_vector(target, vector)
    assert result.outcome is Outcome.SKIPPED
    assert "TALLYSTICK_CONTRACT_EVENT_STORE_KEY" in result.reason
    assert stub.asked == []
