"""Lists and objects within a `deepObject` have no form in OpenAPI, so their refusal is no fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import schemathesis
from schemathesis.openapi.checks import RejectedPositiveData
from tallystick.contract_tests import contract, fuzz
from tallystick.contract_tests.portable_document import make_portable_document
from tallystick.contract_tests.undefined_forms import has_undefined_form

from tallystick.gate.configuration import Configuration
from tallystick.gate.own_contract import own_contracts

PETS = """
openapi: 3.0.3
info: {title: Pets, version: '1'}
paths:
  /pets:
    parameters:
      - {name: filter, in: query, style: deepObject, schema: {$ref: '#/components/schemas/Filter'}}
      - {name: tag, in: query, schema: {type: array, items: {type: string}}}
    get: {operationId: listPets, responses: {'200': {description: Pets.}}}
components:
  schemas:
    Filter: {type: object, properties: {name: {type: string}}}
"""


@pytest.fixture(autouse=True, scope="module")
def pets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    file: Path = tmp_path_factory.mktemp("pets") / "pets.yaml"
    file.write_text(PETS, encoding="utf-8")
    with own_contracts(Configuration("http://127.0.0.1:1", contracts=(str(file),))):
        yield


@pytest.mark.parametrize(
    ("query", "is_undefined"),
    [
        ("filter[name]=a", False),
        ("filter[name]=a&filter[other]=b&tag=x&tag=y", False),
        ("filter%5Bname%5D=a&filter[name]=b", True),
        ("filter[other][]=1", True),
        ("filter[other][deep]=1", True),
        ("tag[a][b]=1", False),
        ("", False),
    ],
)
def test_a_list_or_an_object_within_a_deep_object_has_no_form(
    query: str, is_undefined: bool
) -> None:
    operation = contract.operation("GET", "/pets")
    assert operation is not None
    assert has_undefined_form(operation, f"http://x/pets?{query}") is is_undefined


@pytest.mark.parametrize(("query", "is_dropped"), [("filter[a]=1&filter[a]=2", True), ("", False)])
def test_its_refusal_is_no_finding(query: str, is_dropped: bool) -> None:
    schema = schemathesis.openapi.from_dict(make_portable_document("pets"))
    fuzz._forgive(schema, [], None, set(), set())
    refused = RejectedPositiveData(
        operation="GET /pets", message="refused", status_code=400, allowed_statuses=["2xx"]
    )
    case = SimpleNamespace(
        method="GET",
        operation=SimpleNamespace(path="/pets"),
        path_parameters={},
        headers={},
        query={},
        body=None,
    )
    request = SimpleNamespace(url=f"http://x/pets?{query}", headers={}, method="GET", body=None)
    response = SimpleNamespace(status_code=400, content=b"", request=request)
    [hook] = schema.hooks.get_all_by_name("filter_failure")
    assert hook(None, refused, case, response) is not is_dropped
