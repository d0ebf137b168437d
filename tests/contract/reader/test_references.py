"""References lead within the document's own folder, and every one that leads nowhere is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contract_reading import Read
from tallystick.contract.reader.contracts import ReadContract, read_contracts

GET = """
paths:
  /cars:
    get:
      responses:
        '200':
          description: D
          content: {{application/json: {{schema: {schema}}}}}
  /open:
    get: {{responses: {{'200': {{description: D}}}}}}
"""


def schema(contract: ReadContract, path: str = "/cars") -> object:
    operation = contract.document.content["paths"][path]["get"]
    return operation["responses"]["200"]["content"]["application/json"]["schema"]


def test_a_reference_to_a_file_becomes_a_component(read: Read) -> None:
    contract = read(
        GET.format(schema="{$ref: 'car.yaml'}"),
        car="""
        properties: {wheel: {$ref: '#/definitions/wheel'}}
        definitions: {wheel: {type: string}}
        """,
    )

    assert schema(contract) == {"$ref": "#/components/schemas/crm.car"}
    schemas = contract.document.components["schemas"]
    assert schemas["crm.car"]["properties"] == {"wheel": {"$ref": "#/components/schemas/crm.wheel"}}
    assert schemas["crm.wheel"] == {"type": "string"}
    assert contract.files == ("crm.yaml", "car.yaml")
    assert contract.faults == ()
    assert b"crm.wheel" in contract.document.text


def test_parts_that_are_no_schemas_are_inlined(read: Read) -> None:
    contract = read(
        """
        paths:
          /cars/{id}: {$ref: 'parts.yaml#/car'}
        """,
        parts="""
        car:
          parameters: [{$ref: '#/id'}]
          get: {responses: {'404': {$ref: '#/lost'}}}
        id: {name: id, in: path, required: true, schema: {type: string}}
        lost: {description: Lost, headers: {X-Id: {$ref: '#/header'}}}
        header: {schema: {type: integer}}
        """,
    )

    operation = contract.document.content["paths"]["/cars/{id}"]["get"]
    assert operation["parameters"][0]["name"] == "id"
    assert operation["responses"]["404"]["description"] == "Lost"
    assert operation["responses"]["404"]["headers"]["X-Id"]["schema"] == {"type": "integer"}
    assert contract.faults == ()


def test_recursive_schemas_stay_references(read: Read) -> None:
    contract = read(
        GET.format(schema="{$ref: '#/components/schemas/Tree'}")
        + """
components:
  schemas:
    Tree: {type: object, properties: {left: {$ref: '#/components/schemas/Tree'}}}
"""
    )

    assert contract.document.components["schemas"]["crm.Tree"]["properties"]["left"] == {
        "$ref": "#/components/schemas/crm.Tree"
    }


def test_a_reference_into_a_schema_is_hoisted(read: Read) -> None:
    contract = read(
        GET.format(schema="{$ref: '#/components/schemas/Car/properties/wheel'}")
        + "components: {schemas: {Car: {properties: {wheel: {type: string}}}}}\n"
    )

    assert schema(contract) == {"$ref": "#/components/schemas/crm.wheel"}
    assert contract.document.components["schemas"]["crm.wheel"] == {"type": "string"}


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("#/components/schemas/No", "leads nowhere: there is no components"),
        ("no.yaml", "there is no such file"),
        ("../secret.yaml", "leads out of the document's folder"),
        ("/etc/passwd", "leads out of the document's folder"),
        ("%2e%2e/secret.yaml", "leads out of the document's folder"),
        ("link.yaml", "leads out of the document's folder"),
        ("file:///etc/passwd", "is a URL"),
        ("http://127.0.0.1/car.yaml", "is a URL"),
        ("#no", "no anchor no"),
        ("bad.yaml", "line 3: is not YAML"),
        ("fifo", "is no file"),
    ],
)
def test_an_operation_whose_reference_leads_nowhere_is_left_out(
    read: Read, tmp_path: Path, reference: str, message: str
) -> None:
    (tmp_path.parent / "secret.yaml").write_text("type: string")
    (tmp_path / "link.yaml").symlink_to("../secret.yaml")
    (tmp_path / "bad.yaml").write_text("a:\n  b: [")
    os.mkfifo(tmp_path / "fifo")
    contract = read(GET.format(schema=f"{{$ref: '{reference}'}}"))

    assert [*contract.document.content["paths"]] == ["/open"]
    [fault] = contract.faults
    assert (fault.line, fault.severity) == (10, "error")
    assert message in fault.message
    assert str(fault).startswith("crm.yaml:10: /paths/~1cars/get/responses/200/content/")


def test_a_reference_to_an_item_far_behind_a_list_leads_nowhere(read: Read) -> None:
    wanted = f"{{$ref: '#/x-schemas/{'9' * 5000}'}}"
    contract = read(GET.format(schema=wanted) + "x-schemas: [{type: string}]\n")
    [fault] = contract.faults
    assert "leads nowhere: there is no 999" in fault.message


def test_all_that_leads_to_a_dangling_reference_is_left_out_and_told(read: Read) -> None:
    contract = read(
        GET.format(schema="{$ref: '#/components/schemas/Car'}")
        + """
components:
  schemas:
    Car: {properties: {wheel: {$ref: '#/components/schemas/Wheel'}}}
    Wheel: {properties: {tyre: {$ref: '#/components/schemas/Tyre'}}}
    Road: {type: string}
"""
    )

    assert [*contract.document.content["paths"]] == ["/open"]
    assert [*contract.document.components["schemas"]] == ["crm.Road"]
    assert [fault.rule for fault in contract.faults] == ["left-out", "ref-unresolved"]
    assert "GET /cars is left out: crm.yaml /components/schemas/Wheel" in str(contract.faults[0])


@pytest.mark.parametrize(
    "schemas",
    [
        "{A: {$ref: '#/components/schemas/A'}}",
        "{A: {$ref: '#/components/schemas/B'}, B: {$ref: '#/components/schemas/A'}}",
        "{A: {allOf: [{$ref: '#/components/schemas/A'}]}}",
        "{A: {oneOf: [{type: string}, {not: {$ref: '#/components/schemas/A'}}]}}",
        "{A: {$ref: '#/components/schemas/A/x'}}",
    ],
)
def test_a_schema_that_never_ends_is_left_out(read: Read, schemas: str) -> None:
    contract = read(
        GET.format(schema="{$ref: '#/components/schemas/A'}")
        + f"components: {{schemas: {schemas}}}"
    )

    assert [*contract.document.content["paths"]] == ["/open"]
    assert contract.document.components["schemas"] == {}


def test_parameters_that_lead_to_each_other_are_told(read: Read) -> None:
    contract = read(
        """
        paths:
          /cars:
            get: {parameters: [{$ref: '#/components/parameters/a'}], responses: {}}
          /open:
            get: {responses: {}}
        components:
          parameters:
            a: {$ref: '#/components/parameters/b'}
            b: {$ref: '#/components/parameters/a'}
        """
    )

    assert [*contract.document.content["paths"]] == ["/open"]
    assert contract.faults[0].rule == "ref-circular"


def test_schemas_of_3_1_are_found_by_id_and_anchor(read: Read) -> None:
    contract = read(
        GET.format(schema="{$ref: 'https://example.org/schemas/car'}")
        + """
components:
  schemas:
    Car:
      $id: https://example.org/schemas/car
      properties: {wheel: {$ref: wheel}, seat: {$ref: '#/$defs/seat'}, key: {$ref: '#key'}}
      $defs: {seat: {type: number}, key: {$anchor: key, type: boolean}}
    Wheel: {$id: 'https://example.org/schemas/wheel', type: string}
""",
        version="3.1.0",
    )

    assert contract.faults == ()
    assert schema(contract) == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": "#/components/schemas/crm.Car",
    }
    schemas = contract.document.components["schemas"]
    assert [
        ref["$ref"].rpartition(".")[2] for ref in schemas["crm.Car"]["properties"].values()
    ] == [
        "Wheel",
        "seat",
        "key",
    ]
    assert "$id" not in schemas["crm.Car"]


def test_references_that_multiply_each_other_end_soon(tmp_path: Path) -> None:
    chain = "\n".join(
        f"  a{n}: {{$ref: '#/x/a{n + 1}/k/k'}}\n  b{n}: {{k: {{$ref: '#/x/a{n + 1}/k'}}}}"
        for n in range(200)
    )
    file = tmp_path / "crm.yaml"
    file.write_text(
        "openapi: 3.0.0\ninfo: {title: T, version: '1'}\n"
        + GET.format(schema="{$ref: '#/x/a0'}")
        + f"x:\n{chain}\n"
    )

    [contract] = read_contracts([str(file)])

    assert [*contract.document.content["paths"]] == ["/open"]
