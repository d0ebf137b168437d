"""A document knows the line of everything that it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.gate.openapi_document import NotADocument, read_document

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


def test_a_place_is_the_line_or_the_nearest_around_it(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    document = read_document(file)
    assert document.place("new", "paths", "/a~b/c", "get", "operationId").line == 7
    nearest = document.place("new", "paths", "/a~b/c", "get", "responses")
    assert nearest == document.place("new", "paths", "/a~b/c", "get")


def test_an_operation_has_the_parameters_of_its_path(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(TEXT)
    document = read_document(file)
    [(name, operation, steps)] = document.operations()
    assert (name, steps) == ("GET /a~b/c", ("paths", "/a~b/c", "get"))
    parameter, at = document.resolve(operation["parameters"][0], steps)
    assert (parameter["name"], at) == ("p", ("components", "parameters", "p/q"))


@pytest.mark.parametrize(
    "text", ["", "a: [", "openapi: 2.0", "[]", "openapi: 3.0.3\nopenapi: 3.0.3"]
)
def test_a_file_without_a_document_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text)
    with pytest.raises(NotADocument, match=r"a\.yaml"):
        read_document(file)
