"""Every answer that can be asked for is one of the contract's."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tallystick.contract.document import join_documents, read_documents
from tallystick.mock.client import MockRefused, Tallystick

DOCUMENTS = {document.api: document for document in read_documents()}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}
KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
ID = "019aa5b1-6d00-7c2e-8d1f-3b0a5f7c9e21"


def _create(mock: Tallystick, **headers: str) -> requests.Response:
    return requests.post(f"{mock.url}/create", json=EVENT, headers={**KEY, **headers}, timeout=10)


def _operations() -> list[tuple[str, str]]:
    return [
        (api, operation["operationId"])
        for api, document in DOCUMENTS.items()
        for _, _, operation in document.operations()
        if api != "gateway"
    ]


@pytest.mark.parametrize(("api", "operation"), _operations(), ids=lambda value: value)
def test_every_declared_status_and_its_examples_can_be_had(
    mock: Tallystick, api: str, operation: str
) -> None:
    joined = join_documents([DOCUMENTS[api], DOCUMENTS["gateway"]])
    content = next(c for _, _, c in DOCUMENTS[api].operations() if c["operationId"] == operation)
    for status, response in content["responses"].items():
        mock.rule(operation=operation, answer={"code": int(status)})
        name = response.get("$ref", "").rpartition("/")[2]
        found = joined["components"]["responses"][name] if name else response
        for media in list(found.get("content", {}).values())[:1]:
            for name in media.get("examples", {}):
                mock.rule(operation=operation, answer={"code": int(status), "example": name})


@pytest.mark.parametrize(("api", "operation"), _operations(), ids=lambda value: value)
def test_every_error_code_of_every_answer_can_be_had(
    mock: Tallystick, api: str, operation: str
) -> None:
    document = DOCUMENTS[api]
    answers = document.answer_codes(document.operation(operation))
    unattainable = []
    for code in [code for codes in answers.values() for code in codes]:
        try:
            mock.rule(operation=operation, answer={"error": code})
        except MockRefused as refused:
            unattainable.append(f"{code}: {refused}")
    assert unattainable == []


def test_an_error_code_that_only_other_operations_answer_is_refused(mock: Tallystick) -> None:
    url = f"{mock.url}/v1/0123456789abcdef0123456789abcdef/channels"

    answer = requests.get(url, headers={"Prefer": "error=EG.00533012"}, timeout=10)

    assert answer.status_code == 400
    assert answer.headers["Tallystick-Mock"] == "refused"
    assert answer.json()["detail"] == (
        "listEventChannels has no error code EG.00533012: it has EG.00014000, EG.00014010, "
        "EG.00014030, EG.00014290, EG.00015000, EG.00015030"
    )


def test_an_error_code_is_answered_as_the_service_answers_it(mock: Tallystick) -> None:
    real = requests.post(
        f"{mock.url}/create", json={**EVENT, "me": "<b>bold</b>"}, headers=KEY, timeout=10
    )

    assert _create(mock, Prefer="error=M004").json() == real.json()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"code": 418}, "never answers 418"),
        ({"error": "Z999"}, "has no error code Z999"),
        ({"error": "M004", "code": 500}, "goes with 400, not with 500"),
        ({"example": "nothing"}, "has no example nothing"),
        ({"code": 200, "body": {"statusCode": "x"}}, "statusCode must be an integer"),
        ({"code": 200, "headers": {"X-Other": "1"}}, "has no header X-Other"),
    ],
)
def test_an_answer_that_the_contract_has_not_is_refused_with_the_reason(
    mock: Tallystick, answer: dict[str, Any], reason: str
) -> None:
    with pytest.raises(MockRefused, match=reason):
        mock.rule(operation="createEvent", answer=answer)


def test_a_body_of_one_s_own_that_the_contract_allows_is_answered(mock: Tallystick) -> None:
    body = {"statusCode": 200, "message": "Event created successfully", "id": ID}
    mock.rule(operation="createEvent", answer={"body": body})

    assert _create(mock).json() == body


def test_headers_that_the_contract_has_are_answered(mock: Tallystick) -> None:
    mock.rule(operation="createEvent", answer={"code": 503, "headers": {"retry-after": "120"}})

    assert _create(mock).headers["Retry-After"] == "120"


def test_a_header_that_breaks_its_rule_is_refused_with_the_reason(mock: Tallystick) -> None:
    with pytest.raises(MockRefused, match="Retry-After must be an integer"):
        mock.rule(operation="createEvent", answer={"code": 503, "headers": {"Retry-After": "soon"}})


def test_a_throttled_api_answers_with_its_own_headers(mock: Tallystick) -> None:
    mock.rule(api="keyastrom", answer={"code": 429})

    answer = requests.post(f"{mock.url}/api/v2/events/ingest", json={}, timeout=10)

    assert answer.status_code == 429
    assert "X-RateLimit-Limit" in answer.headers
    assert "Retry-After" in answer.headers
