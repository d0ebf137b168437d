"""Contracts are read from files, folders and URLs; what can't be read is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from contract_reading import Read, Refused
from tallystick.contract import yaml_bounds
from tallystick.contract.document import read_documents
from tallystick.contract.reader import contracts, faults, places, references, schemas
from tallystick.contract.reader.contracts import read_contracts
from tallystick.contract.reader.faults import UnreadableContract

CRM = """\
openapi: 3.0.3
info: {title: T, version: '1'}
paths: {/cars: {get: {operationId: listCars, responses: {'200': {description: D}}}}}
"""


def test_an_api_is_named_after_its_file(tmp_path: Path) -> None:
    names = ["CRM.v2.yaml", "crm-v2.json", "2nd.yaml", "eventgrid.yaml"]
    for name in names:
        (tmp_path / name).write_text(CRM)

    read = read_contracts([str(tmp_path / name) for name in names], taken=["eventgrid"])

    assert [contract.document.api for contract in read] == [
        "crm_v2",
        "crm_v2_2",
        "api_2nd",
        "eventgrid_2",
    ]


def test_an_operation_id_of_another_contract_gets_a_number(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text(CRM.replace("listCars", "createEvent"))

    first, second = read_contracts([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")])

    assert [found["operationId"] for _, _, found in first.document.operations()] == ["createEvent"]
    assert [found["operationId"] for _, _, found in second.document.operations()] == [
        "createEvent2"
    ]
    assert [fault.rule for fault in second.faults] == ["operation-id-repeated"]


def test_an_operation_id_of_a_built_in_api_gets_a_number(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(CRM.replace("listCars", "createEvent"))

    [alone] = read_contracts([str(tmp_path / "a.yaml")])
    [beside] = read_contracts([str(tmp_path / "a.yaml")], taken=["event_store"])

    assert not alone.faults
    assert beside.faults


def test_a_folder_has_the_contracts_that_stand_in_it(tmp_path: Path) -> None:
    for folder in ("v2", ".git"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder.strip('.')}.yml").write_text(CRM)
    (tmp_path / "crm.yaml").write_text(CRM)
    (tmp_path / "v2" / "part.yaml").write_text("type: string")
    (tmp_path / "package.json").write_text('{"name": "openapi"}')

    read = read_contracts([str(tmp_path)])

    assert [contract.document.api for contract in read] == ["crm", "v2"]
    assert read[1].faults[0].rule == "operation-id-repeated"


def test_one_broken_file_of_a_folder_keeps_no_other_from_service(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("openapi: [")
    (tmp_path / "b.yaml").write_text(CRM)
    (tmp_path / "c.yaml").write_text("swagger: '2.0'")

    [contract] = read_contracts([str(tmp_path)])

    assert [fault.rule for fault in contract.faults] == ["not-yaml", "swagger"]


def test_references_between_the_folders_of_a_folder_are_followed(tmp_path: Path) -> None:
    (tmp_path / "apis").mkdir()
    (tmp_path / "common.yaml").write_text("lost: {description: Lost}")
    (tmp_path / "apis" / "crm.yaml").write_text(
        CRM.replace("{description: D}", "{$ref: ../common.yaml#/lost}")
    )

    [contract] = read_contracts([str(tmp_path)])

    assert contract.faults == ()
    assert contract.files == (str(tmp_path / "apis" / "crm.yaml"), str(tmp_path / "common.yaml"))
    with pytest.raises(UnreadableContract, match="leads out of the document's folder"):
        read_contracts([str(tmp_path / "apis" / "crm.yaml")])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "crm.yaml:2: is not YAML: did not find expected node content [not-yaml]"),
        ("- a", "crm.yaml:1: is not an OpenAPI document: it is no mapping [not-openapi]"),
        ("a: 1", "crm.yaml:1: is not an OpenAPI document: it has no openapi at its top"),
        ("\n\nswagger: '2.0'", "crm.yaml:3: /swagger: is Swagger 2.0: convert it to OpenAPI 3"),
        ("openapi: 4.0.0", "crm.yaml:1: /openapi: is OpenAPI 4.0.0: 3.0, 3.1 and 3.2 are read"),
        ("openapi: 3.1.0\npaths: {}", "has no operation that can be served [nothing-served]"),
    ],
)
def test_a_text_of_which_nothing_can_be_served_is_refused(
    refused: Refused, text: str, fault: str
) -> None:
    assert any(fault in found for found in refused(text))


def test_a_missing_file_and_an_empty_folder_are_refused_together(tmp_path: Path) -> None:
    with pytest.raises(UnreadableContract) as raised:
        read_contracts([str(tmp_path / "no.yaml"), str(tmp_path)])

    assert [fault.message for fault in raised.value.faults] == [
        "there is no such file",
        "has no OpenAPI document",
    ]


def test_a_key_that_is_given_twice_is_told_with_its_line(read: Read) -> None:
    contract = read("paths:\n  /a:\n    get: {responses: {}}\n    get: {responses: {}}\n")

    [fault] = contract.faults
    assert (fault.line, fault.rule, fault.severity) == (6, "key-repeated", "warning")


def test_the_text_of_a_document_in_one_file_is_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "crm.yaml").write_text(CRM)

    [contract] = read_contracts([str(tmp_path / "crm.yaml")])

    assert contract.document.text == CRM.encode()


def test_the_built_in_contracts_have_no_fault() -> None:
    read = read_contracts(["openapi"])

    assert [contract.document.api for contract in read] == [d.api for d in read_documents()]
    assert [fault for contract in read for fault in contract.faults] == []


def test_each_rule_is_in_the_docs() -> None:
    calls = re.compile(
        r'(?:\.warn|\.refuse|\._add|Unresolved|_fault)\((?:[^()"]|\([^()]*\))*?"([a-z0-9-]+)",'
    )
    sources = Path(contracts.__file__).parent.glob("*.py")
    rules = {rule for source in sources for rule in calls.findall(source.read_text())}
    told = set(re.findall(r"^\| `([a-z0-9-]+)` \|", Path("docs/reader.md").read_text(), re.M))

    assert rules == told


def test_each_bound_is_in_the_docs() -> None:
    text = Path("docs/reader.md").read_text()
    table = text.partition("## Bounds")[2].partition("##")[0]
    told = re.findall(r"\| ([\d,]+)(?: MiB)? \|$", table, re.M)

    assert told == [
        f"{bound:,}"
        for bound in (
            yaml_bounds.MAX_BYTES // 2**20,
            places.MAX_FILES,
            yaml_bounds.MAX_DEPTH,
            yaml_bounds.MAX_NODES,
            references.MAX_HOPS,
            schemas.MAX_STEPS,
            places.MAX_SECONDS,
            places.MAX_ALL_SECONDS,
            places.MAX_REDIRECTS,
            faults.MAX_FAULTS,
        )
    ]
