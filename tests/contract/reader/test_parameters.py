"""Parameters and headers in the normal form."""

from __future__ import annotations

from typing import Any

import pytest

from contract_reading import Read
from tallystick.contract.reader.contracts import ReadContract


def of(contract: ReadContract) -> list[dict[str, Any]]:
    [(_, _, operation)] = contract.document.operations()
    parameters: list[dict[str, Any]] = operation["parameters"]
    return parameters


def get(parameters: str, path: str = "/a") -> str:
    return f"paths: {{'{path}': {{get: {{parameters: [{parameters}], responses: {{}}}}}}}}\n"


@pytest.mark.parametrize(
    ("where", "style", "explode"),
    [
        ("query", "form", True),
        ("cookie", "form", True),
        ("header", "simple", False),
        ("path", "simple", False),
    ],
)
def test_style_and_explode_have_their_defaults(
    read: Read, where: str, style: str, explode: bool
) -> None:
    contract = read(get(f"{{name: a, in: {where}, required: true, schema: {{}}}}", "/{a}"))
    found = of(contract)[0]

    assert (found["style"], found["explode"], found["required"]) == (style, explode, True)


def test_what_is_declared_is_kept(read: Read) -> None:
    [found] = of(
        read(
            get(
                "{name: a, in: query, style: pipeDelimited, explode: false, allowReserved: true,"
                " allowEmptyValue: true, schema: {type: array}, example: [1],"
                " examples: {two: {value: [2]}, away: {externalValue: x}}}"
            )
        )
    )

    assert found == {
        "name": "a",
        "in": "query",
        "required": False,
        "style": "pipeDelimited",
        "explode": False,
        "allowReserved": True,
        "allowEmptyValue": True,
        "schema": {"type": "array"},
        "examples": {"default": {"value": [1]}, "two": {"value": [2]}},
    }


def test_a_parameter_may_have_content_in_place_of_a_schema(read: Read) -> None:
    [found] = of(read(get("{name: a, in: query, content: {application/json: {schema: {}}}}")))

    assert found["content"] == {"application/json": {"schema": {}}}
    assert "schema" not in found


@pytest.mark.parametrize(
    ("parameter", "rule", "kept"),
    [
        ("{name: a, in: query, style: simple, schema: {}}", "parameter-style", 1),
        ("{name: a, in: query, required: 1, schema: {}}", "parameter-required", 1),
        ("{name: a, in: query}", "parameter-invalid", 1),
        ("{name: a, in: query, schema: {}, content: {}}", "parameter-invalid", 1),
        ("{name: Accept, in: header, schema: {}}", "parameter-ignored", 0),
        ("{name: a, in: path, required: true, schema: {}}", "parameter-not-in-path", 0),
        ("{name: a, in: query, schema: {}}, {name: a, in: query}", "parameter-repeated", 1),
    ],
)
def test_a_parameter_is_mended_or_left_out_and_told(
    read: Read, parameter: str, rule: str, kept: int
) -> None:
    contract = read(get(parameter))

    assert len(of(contract)) == kept
    assert rule in [fault.rule for fault in contract.faults]


def test_a_template_without_parameter_takes_any_text(read: Read) -> None:
    contract = read(get("", "/{a}/b-{c}.json"))

    assert [(p["name"], p["in"], p["schema"]) for p in of(contract)] == [
        ("a", "path", {"type": "string"}),
        ("c", "path", {"type": "string"}),
    ]
    assert [fault.rule for fault in contract.faults] == ["parameter-missing"] * 2


def test_a_parameter_in_the_path_is_required(read: Read) -> None:
    contract = read(get("{name: a, in: path, schema: {}}", "/{a}"))

    assert of(contract)[0]["required"] is True
    assert [fault.rule for fault in contract.faults] == ["parameter-required"]
