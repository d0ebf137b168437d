"""A fuzzed form is judged by its texts."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis import GenerationMode
from schemathesis.core.parameters import ParameterLocation
from tallystick.contract_tests.form_requests import (
    is_right_as_text,
    is_wrong_without_empty_fields,
)

from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts

CONTRACT = """
openapi: 3.0.3
info: {title: Forms, version: '1'}
paths:
  /tickets:
    post:
      requestBody:
        content:
          multipart/form-data:
            schema:
              type: object
              required: [title, photo]
              properties:
                title: {type: string, maxLength: 10}
                seats: {type: integer}
                note: {type: string}
                photo: {type: string, format: binary}
      responses: {'201': {description: Made.}}
"""


@pytest.fixture(autouse=True, scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    file = tmp_path_factory.mktemp("contract") / "forms.yaml"
    file.write_text(CONTRACT, encoding="utf-8")
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        yield


def sent(wrong: str = "body", *further: tuple[str, str], **fields: str) -> tuple[Any, Any]:
    """Return a case with wrong data at a place, and its answer."""
    place = ParameterLocation.BODY if wrong == "body" else ParameterLocation.QUERY
    components = {place: SimpleNamespace(mode=GenerationMode.NEGATIVE)}
    case = SimpleNamespace(
        method="POST",
        operation=SimpleNamespace(path="/tickets"),
        meta=SimpleNamespace(components=components),
    )
    parts = (
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in (*fields.items(), *further)
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    body = f"{''.join(parts)}--b--\r\n".encode()
    return case, SimpleNamespace(request=SimpleNamespace(method="POST", headers=headers, body=body))


def test_another_type_is_a_text_as_well() -> None:
    assert is_right_as_text(*sent(title="false", seats="2", photo="x"))


def test_the_first_or_the_last_of_a_field_given_twice_is_read() -> None:
    assert is_right_as_text(*sent("body", ("title", "A"), title="much too long", photo="x"))
    assert not is_right_as_text(*sent("body", ("title", "so much longer"), title="much too long"))


@pytest.mark.parametrize(
    "fields", [{"title": "much too long"}, {"seats": "false"}, {"photo": "x"}, {}]
)
def test_a_text_that_breaks_a_rule_is_wrong(fields: dict[str, str]) -> None:
    right = {"title": "A", "photo": "x"} if "photo" not in fields and fields else {}
    assert not is_right_as_text(*sent(**{**right, **fields}))


def test_wrong_data_beside_the_form_is_no_matter_of_it() -> None:
    assert not is_right_as_text(*sent("query", title="false", photo="x"))


def test_an_empty_field_that_is_required_may_be_a_missing_one() -> None:
    assert is_wrong_without_empty_fields(*sent(title="", photo="x"))
    assert not is_wrong_without_empty_fields(*sent(title="A", photo="x"))


def test_an_empty_field_that_may_be_missing_is_no_reason_to_refuse_a_form() -> None:
    assert not is_wrong_without_empty_fields(*sent(title="A", photo="x", note=""))


def test_an_empty_field_that_may_be_missing_may_be_taken() -> None:
    assert is_right_as_text(*sent(title="A", photo="x", seats=""))
    assert not is_right_as_text(*sent(photo="x", seats=""))
