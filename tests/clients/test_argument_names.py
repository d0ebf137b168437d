"""A parameter of a query is an argument of every client, whatever its name."""

from __future__ import annotations

from pathlib import Path

from tallystick.clients import read_contract, write_programs
from tallystick.clients.argument_names import rename_arguments

SEARCH = """
openapi: 3.0.3
info: {title: Search, version: '1'}
paths:
  /search/{path}:
    get:
      operationId: search
      parameters:
        - {name: path, in: path, required: true, schema: {type: string}, example: a}
        - {name: query, in: query, required: true, schema: {type: string}, example: b}
      responses: {'204': {description: Nothing.}}
"""


def _operation(*names: str) -> dict[str, object]:
    return {"parameters": [{"name": name, "in": "query"} for name in names]}


def test_a_name_that_a_method_has_already_gets_a_number() -> None:
    assert rename_arguments([_operation("query", "q")]) == {"query": "query2"}
    assert rename_arguments([_operation("query", "query2")]) == {"query": "query3"}


def test_the_second_of_two_names_alike_gets_a_number_in_all_operations() -> None:
    operations = [_operation("user_id"), _operation("userId", "user_id")]
    assert rename_arguments(operations) == {"user_id": "user_id2"}
    assert rename_arguments([_operation("user_id"), _operation("userId")]) == {}


def test_a_sample_has_the_names_of_the_arguments(tmp_path: Path) -> None:
    file = tmp_path / "search.yaml"
    file.write_text(SEARCH, encoding="utf-8")
    plain = read_contract(str(file))
    assert plain.omissions == ()
    programs = write_programs(plain.document)["search"]
    assert 'client.search("a", query2="b")' in programs["python"]
    assert 'client.search("a", query2 = "b")' in programs["kotlin"]
    assert 'query2: "b"' in programs["typescript"]
    assert 'search.SearchQuery{Query2: "b"}' in programs["go"]
