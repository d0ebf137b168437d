"""Operations in the normal form: each served as far as it can be."""

from __future__ import annotations

from typing import Any

import pytest

from contract_reading import Read
from tallystick.contract.reader.operations import make_id


def operation(read: Read, text: str, **more: Any) -> Any:
    """The one operation of a document, and its faults."""
    contract = read(text, **more)
    [(_, _, found)] = contract.document.operations()
    return found, [fault.rule for fault in contract.faults]


@pytest.mark.parametrize(
    ("path", "method", "id_"),
    [
        ("/customers/{id}/notes", "post", "postCustomersIdNotes"),
        ("/", "get", "get"),
        ("/v1/event-types/{eventId}.json", "get", "getV1EventTypesEventIdJson"),
    ],
)
def test_an_operation_without_id_gets_one_of_method_and_path(
    path: str, method: str, id_: str
) -> None:
    assert make_id(path, method) == id_


def test_what_a_path_item_says_goes_for_its_operations(read: Read) -> None:
    found, faults = operation(
        read,
        """
        paths:
          /a/{id}:
            summary: S
            parameters:
            - {name: id, in: path, required: true, schema: {type: integer}}
            - {name: q, in: query, schema: {type: integer}}
            get:
              parameters: [{name: q, in: query, schema: {type: string}}]
              responses: {}
              x-resource: false
              tags: [t]
        """,
    )

    assert faults == []
    assert found["summary"] == "S"
    assert (found["tags"], found["x-resource"], found["security"]) == (["t"], False, [])
    assert {p["name"]: p["schema"]["type"] for p in found["parameters"]} == {
        "id": "integer",
        "q": "string",
    }


@pytest.mark.parametrize("path", ["a", "/a?b=1", "/a#b", "/{a", "/a}", "/{}", "/{a}/{a}", "/{a/b}"])
def test_a_path_that_none_can_call_is_left_out(read: Read, path: str) -> None:
    contract = read(f"paths: {{/ok: {{get: {{responses: {{}}}}}}, '{path}': {{get: {{}}}}}}\n")

    assert [*contract.document.content["paths"]] == ["/ok"]
    assert [fault.rule for fault in contract.faults] == ["path-invalid"]


def test_one_of_two_operations_at_the_same_path_is_left_out(read: Read) -> None:
    one = "[{name: a, in: path, required: true, schema: {type: string}}]"
    contract = read(
        f"""
        paths:
          /x/{{a}}: {{parameters: {one}, get: {{responses: {{}}}}}}
          /x/{{b}}:
            parameters: {one.replace("name: a", "name: b")}
            get: {{responses: {{}}}}
            put: {{responses: {{}}}}
        """
    )

    assert [(path, method) for path, method, _ in contract.document.operations()] == [
        ("/x/{a}", "get"),
        ("/x/{b}", "put"),
    ]
    assert [fault.rule for fault in contract.faults] == ["path-ambiguous"]


def test_methods_of_3_2_are_told_as_not_served(read: Read) -> None:
    _, faults = operation(
        read,
        "paths: {/a: {get: {}, query: {}, additionalOperations: {COPY: {}}}}\n",
        version="3.2.0",
    )

    assert faults == ["method-not-served", "method-not-served"]


def test_unknown_error_codes_are_left_out_and_told(read: Read) -> None:
    found, faults = operation(
        read,
        """
        x-codes: {A1: {status: 400}}
        paths:
          /a:
            get:
              x-error-codes: {empty: A1, syntax: A2}
              parameters:
              - name: q
                in: query
                schema: {type: string, x-error-codes: {type: A1, required: A3}}
              responses: {'400': {description: D, x-codes: [A1, A4]}}
        """,
    )

    assert found["x-error-codes"] == {"empty": "A1"}
    assert found["parameters"][0]["schema"]["x-error-codes"] == {"type": "A1"}
    assert found["responses"]["400"]["x-codes"] == ["A1"]
    assert faults == ["code-unknown"] * 3


def test_a_fault_in_one_operation_leaves_the_others_alone(read: Read) -> None:
    contract = read(
        """
        paths:
          /a:
            get: {parameters: [{in: query, schema: {}}], responses: {}}
            put: {parameters: [{name: q, in: body}], responses: {}}
            post: {responses: {'200': {$ref: '#/no'}}}
            patch: {requestBody: {$ref: '#/no'}, responses: {}}
            trace: 5
            delete: {responses: {}}
        """
    )

    assert [method for _, method, _ in contract.document.operations()] == ["delete"]
    assert [(fault.line, fault.rule) for fault in contract.faults] == [
        (6, "parameter-without-name"),
        (7, "parameter-location"),
        (8, "ref-unresolved"),
        (9, "ref-unresolved"),
        (10, "operation-invalid"),
    ]


def test_an_operation_may_stand_in_a_file_of_its_own(read: Read) -> None:
    found, faults = operation(
        read, "paths: {/a: {get: {$ref: 'get.yaml'}}}\n", get="operationId: x\nresponses: {}\n"
    )

    assert (found["operationId"], faults) == ("x", [])
