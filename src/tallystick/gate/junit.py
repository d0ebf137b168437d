"""Writes a report for CI systems: JUnit XML, with disabled checks as skipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from tallystick.gate.outcome import CheckResult, Outcome, VerifyRun, details

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(run: VerifyRun, _: str = "", tool: str = "tallystick verify") -> str:
    """Return the run as JUnit XML."""
    root = ET.Element("testsuites", name=tool, time=f"{run.seconds:.3f}")
    _count(root, run.results)
    by_suite = sorted(run.results, key=lambda result: (result.api, result.suite))
    for (api, suite), results in groupby(by_suite, key=lambda result: (result.api, result.suite)):
        _suite(root, f"{api}.{suite}", list(results), run)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, results: list[CheckResult], run: VerifyRun) -> None:
    suite = ET.SubElement(root, "testsuite", name=name, timestamp=run.started)
    suite.set("time", f"{sum(result.seconds for result in results):.3f}")
    _count(suite, results)
    skipped = (Outcome.SKIPPED, Outcome.DISABLED)
    suite.set("skipped", str(sum(result.outcome in skipped for result in results)))
    for result in results:
        _case(suite, name, result)


def _case(suite: ET.Element, name: str, result: CheckResult) -> None:
    case = ET.SubElement(suite, "testcase", classname=name, name=_clean(result.name))
    case.set("time", f"{result.seconds:.3f}")
    text = _clean(details(result))
    if result.outcome is Outcome.FAILED:
        first = _clean(result.objections[0].partition("\n")[0])
        kind = "ruling" if result.ruling else "conformance"
        ET.SubElement(case, "failure", message=first, type=kind).text = text
    elif result.outcome is Outcome.ERROR:
        error = ET.SubElement(case, "error", message=_clean(result.reason), type="error")
        error.text = text
    elif result.outcome is not Outcome.PASSED:
        ET.SubElement(case, "skipped").text = f"{result.outcome}: {_clean(result.reason)}"


def _count(element: ET.Element, results: Sequence[CheckResult]) -> None:
    outcomes = [result.outcome for result in results]
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(outcomes.count(Outcome.FAILED)))
    element.set("errors", str(outcomes.count(Outcome.ERROR)))


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
