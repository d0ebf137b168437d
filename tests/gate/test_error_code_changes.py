"""An error code that a client knows stays where it is, or the change is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.gate.error_code_changes import find_code_changes
from tallystick.gate.openapi_document import OpenApiDocument, read_document

BASE = """\
openapi: 3.0.3
x-codes:
  A1: {status: 400, message: Too long.}
  A2: {status: 400, message: Missing.}
  A3: {status: 503, message: Not now.}
components:
  parameters:
    Name:
      name: name
      in: query
      required: true
      x-error-codes: {required: A2}
      schema: {type: string, maxLength: 9, x-error-codes: {maxLength: A1}}
paths:
  /a:
    get:
      parameters: [{$ref: '#/components/parameters/Name'}]
      responses:
        '200': {description: Done.}
        '400': {description: Refused.}
        '503': {description: Away., x-codes: [A3]}
  /b:
    get:
      parameters: [{$ref: '#/components/parameters/Name'}]
      responses:
        '400': {description: Refused.}
        '503': {description: Away., x-codes: [A3]}
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                kilos: {type: integer, x-error-codes: {type: A1}}
      responses:
        '400': {description: Refused.}
"""


def document(folder: Path, name: str, *edits: tuple[str, str]) -> OpenApiDocument:
    text = BASE
    for find, put in edits:
        assert find in text, find
        text = text.replace(find, put, 1)
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return read_document(file)


def changes(folder: Path, *edits: tuple[str, str]) -> list[tuple[str, str, str]]:
    """What is told of these edits, as rule, where and what."""
    old, new = document(folder, "old"), document(folder, "new", *edits)
    return [(change.rule, change.where, change.says) for change in find_code_changes(old, new)]


MEANS_A1 = "schema: {type: string, maxLength: 9, x-error-codes: {maxLength: A1}}"


@pytest.mark.parametrize(
    ("edits", "told"),
    [
        ([], []),
        (
            [("A1: {status: 400", "A1: {status: 422")],
            ("code-status-changed", "A1", "it moved from status 400 to 422"),
        ),
        (
            [("message: Missing.", "message: It is missing.")],
            ("code-message-changed", "A2", "its message was 'Missing.' and is 'It is missing.'"),
        ),
        (
            [("  A3: {status: 503", "  A4: {status: 503, message: Busy.}\n  A3: {status: 503")],
            ("code-added", "A4", "the code is new"),
        ),
        (
            [(MEANS_A1, MEANS_A1.replace("A1", "A2"))],
            ("code-renamed", "GET /a query name", "maxLength meant A1 and means A2"),
        ),
        (
            [(MEANS_A1, "schema: {type: string, maxLength: 9}")],
            ("code-unmapped", "GET /a query name", "maxLength no longer means A1"),
        ),
        (
            [(MEANS_A1, MEANS_A1.replace("{maxLength: A1}", "{maxLength: A1, pattern: A2}"))],
            ("code-added", "GET /a query name", "pattern now means A2"),
        ),
        (
            [("{type: integer, x-error-codes: {type: A1}}", "{type: integer}")],
            ("code-unmapped", "POST /b body.kilos", "type no longer means A1"),
        ),
        (
            [("'503': {description: Away., x-codes: [A3]}", "'503': {description: Away.}")],
            ("answer-code-removed", "GET /a", "503 no longer carries A3"),
        ),
        (
            [("'200': {description: Done.}", "'200': {description: Done.}\n        '404': {}")],
            [],
        ),
    ],
)
def test_an_edit_of_codes_is_told_once(
    tmp_path: Path, edits: list[tuple[str, str]], told: tuple[str, str, str] | list[object]
) -> None:
    assert changes(tmp_path, *edits) == ([told] if told else [])


def test_a_code_that_moves_to_another_rule_is_breaking(tmp_path: Path) -> None:
    moved = MEANS_A1.replace("{maxLength: A1}", "{pattern: A1}")
    assert changes(tmp_path, (MEANS_A1, moved)) == [
        ("code-moved", "GET /a query name", "A1 moved from maxLength to pattern"),
        ("code-added", "GET /a query name", "pattern now means A1"),
    ]


def test_a_code_that_an_answer_gains_is_an_addition(tmp_path: Path) -> None:
    without = ("'503': {description: Away., x-codes: [A3]}", "'503': {description: Away.}")
    old, new = document(tmp_path, "old", without), document(tmp_path, "new")
    [change] = find_code_changes(old, new)
    assert change.rule == "answer-code-added"
    assert change.says == "503 now carries A3"


def test_a_code_that_is_gone_is_breaking_and_told_with_its_line(tmp_path: Path) -> None:
    gone = ("  A3: {status: 503, message: Not now.}\n", "")
    old, new = document(tmp_path, "old"), document(tmp_path, "new", gone)
    [change] = [c for c in find_code_changes(old, new) if c.rule == "code-removed"]
    assert (change.where, change.new) == ("A3", None)
    assert change.old is not None
    assert change.old.steps == ("x-codes", "A3")


def test_an_operation_that_is_gone_is_no_matter_of_codes(tmp_path: Path) -> None:
    assert changes(tmp_path, ("  /a:\n", "  /c:\n")) == [
        ("code-added", "GET /c query name", "required now means A2"),
        ("code-added", "GET /c query name", "maxLength now means A1"),
    ]


def test_a_schema_that_refers_to_itself_is_read_once(tmp_path: Path) -> None:
    edits = [
        ("components:\n", "components:\n  schemas:\n    Box: {$ref: '#/components/schemas/Crate'}\n"
         "    Crate:\n      properties:\n        inner: {$ref: '#/components/schemas/Crate'}\n"
         "        name: {type: string, x-error-codes: {type: A1}}\n"),
        ("                kilos: {type: integer, x-error-codes: {type: A1}}\n",
         "                box: {$ref: '#/components/schemas/Box'}\n"),
    ]  # fmt: skip
    file = document(tmp_path, "old", *edits)
    assert list(find_code_changes(file, file)) == []
