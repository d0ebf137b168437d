"""A document leads from each reference to what it means, and to the operations in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.gate.openapi_document import NotADocument, NotUnderstood, read_document

TEXT = """\
openapi: 3.0.3
paths:
  /a~b/c:
    parameters:
      - $ref: '#/components/parameters/p~1q'
    get:
      operationId: getA
components:
  parameters:
    p/q: {name: p, in: query}
"""


def test_an_operation_has_the_parameters_of_its_path(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    document = read_document(file)
    [operation], faults = document.list_operations()
    assert (operation.name, operation.node.steps) == ("GET /a~b/c", ("paths", "/a~b/c", "get"))
    assert faults == {}
    [(key, parameter)] = document.read_parameters(operation).items()
    assert key == ("query", "p")
    assert parameter.steps == ("components", "parameters", "p/q")


def test_a_path_is_read_where_its_reference_leads(tmp_path: Path) -> None:
    (tmp_path / "paths.yaml").write_text("one: {get: {operationId: getA}}\n")
    file = tmp_path / "a.yaml"
    file.write_text("openapi: 3.1.0\npaths: {/a: {$ref: 'paths.yaml#/one'}}\n")
    [operation], _ = read_document(file).list_operations()
    assert operation.node.file.location == str(tmp_path / "paths.yaml")
    assert operation.node.value == {"operationId": "getA"}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("{$ref: '#/nowhere'}", "#/nowhere leads nowhere"),
        ("7", "this is no path: it is the value 7"),
        ("{get: 7}", "this is no operation: it is the value 7"),
        ("{parameters: {}, get: {}}", "parameters is no list: it is a mapping"),
    ],
)
def test_a_path_that_is_not_understood_is_a_fault(path: str, says: str, tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(f"openapi: 3.1.0\npaths: {{/a: {path}}}\n")
    operations, faults = read_document(file).list_operations()
    assert operations == []
    fault = faults["/a"]
    assert says in str(fault)
    assert fault.node.steps[:2] == ("paths", "/a")


def test_a_parameter_without_a_name_is_not_understood(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("openapi: 3.1.0\npaths: {/a: {get: {parameters: [{in: query}]}}}\n")
    document = read_document(file)
    [operation], _ = document.list_operations()
    with pytest.raises(NotUnderstood, match="must have a name"):
        document.read_parameters(operation)


@pytest.mark.parametrize("text", ["", "a: [", "openapi: 2.0", "[]", "swagger: '2.0'"])
def test_a_file_without_a_document_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(NotADocument, match=r"a\.yaml"):
        read_document(file)
