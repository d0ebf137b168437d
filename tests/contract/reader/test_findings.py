"""Faults are told in the order of lines, and lead to all that needs what is at fault."""

from __future__ import annotations

from tallystick.contract.reader.faults import MAX_FAULTS, Severity
from tallystick.contract.reader.findings import Findings, PlacedFault, spread
from tallystick.contract.reader.positions import ParsedText
from tallystick.contract.reader.references import ContractFile, Node

FILE = ContractFile("crm.yaml", b"a: 1\nb: 2\n", ParsedText({"a": 1, "b": 2}))
ROOT = Node(FILE, (), FILE.content)


def test_faults_come_in_the_order_of_lines_and_each_once() -> None:
    findings = Findings()
    findings.warn(ROOT.child("b"), "rule-b", "is b")
    findings.refuse(ROOT.child("a"), "rule-a", "is a")
    findings.warn(ROOT.child("b"), "rule-b", "is b")

    assert [str(fault) for fault in findings.list_faults()] == [
        "crm.yaml:1: /a: is a [rule-a]",
        "crm.yaml:2: /b: is b [rule-b]",
    ]


def test_a_part_needs_what_its_parts_need() -> None:
    findings = Findings()
    with findings.collecting() as outer:
        with findings.collecting() as inner:
            findings.need(["A"])
        findings.need(["B"])

    assert ([*inner], [*outer]) == (["A"], ["A", "B"])


def test_a_fault_spreads_to_all_that_lead_to_it() -> None:
    fault = PlacedFault(FILE, (), "rule", "is at fault", Severity.ERROR)

    assert spread(
        {
            "A": {"B": None},
            "B": {"C": None},
            "C": {fault: None, "A": None},
            "D": {"E": None},
            "E": {},
        }
    ) == {"A": fault, "B": fault, "C": fault}


def test_warnings_are_told_up_to_a_bound_and_errors_all() -> None:
    findings = Findings()
    for number in range(MAX_FAULTS + 5):
        findings.warn(ROOT, "rule", f"is {number}")
    findings.refuse(ROOT, "rule", "is an error")

    assert len(findings.list_faults()) == MAX_FAULTS + 1
