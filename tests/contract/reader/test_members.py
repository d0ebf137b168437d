"""Members are kept where they have their form; each other one is told."""

from __future__ import annotations

import pytest

from contract_reading import Read

OPERATION = "paths: {{/a: {{get: {{responses: {{'200': {{description: D}}}}, {member}}}}}}}\n"


@pytest.mark.parametrize(
    "member",
    ["x-any: {$ref: 5}", "tags: [a]", "deprecated: true", "summary: S", "externalDocs: {url: a}"],
)
def test_a_member_is_kept_as_it_is_written(read: Read, member: str) -> None:
    contract = read(OPERATION.format(member=member))

    [(_, _, operation)] = contract.document.operations()
    assert member.partition(":")[0] in operation
    assert contract.faults == ()


@pytest.mark.parametrize(
    ("member", "rule"),
    [
        ("tags: a", "member-invalid"),
        ("summary: 5", "member-invalid"),
        ("deprecated: maybe", "member-invalid"),
        ("servers: [{}]", "member-invalid"),
        ("x-required-scopes: 5", "member-invalid"),
        ("x-openapi-router-controller: [a]", "member-invalid"),
        ("parametres: []", "member-unknown"),
    ],
)
def test_a_member_without_its_form_is_left_out_and_told(read: Read, member: str, rule: str) -> None:
    contract = read(OPERATION.format(member=member))

    [(_, _, operation)] = contract.document.operations()
    assert member.partition(":")[0] not in operation
    assert [fault.rule for fault in contract.faults] == [rule]


@pytest.mark.parametrize(
    "name",
    ["x-base-path", "x-credential", "x-errors", "x-handler", "x-precondition", "x-signs-request"],
)
def test_an_extension_by_which_built_in_apis_name_their_python_is_passed_over(
    read: Read, name: str
) -> None:
    contract = read(OPERATION.format(member=f"{name}: [a]") + f"{name}: 5\n")

    [(_, _, operation)] = contract.document.operations()
    assert name not in operation
    assert name not in contract.document.content
    assert contract.faults == ()


def test_a_tag_without_name_is_left_out(read: Read) -> None:
    contract = read(OPERATION.format(member="tags: [a]") + "tags: [{name: a}, {}, b]\n")

    assert contract.document.content["tags"] == [{"name": "a"}]
    assert [fault.place for fault in contract.faults] == ["/tags/1", "/tags/2"]
