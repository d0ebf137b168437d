"""A change has the verdict that its effect on callers and readers asks for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gate.diff.framed import compared, faults, told
from tallystick.gate.comparison import FailOn

CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "verdicts.yaml").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_a_change_has_its_verdict(case: dict[str, Any], tmp_path: Path) -> None:
    versions = tuple(case.get("versions", ("3.0.3", "3.0.3")))
    run = compared(tmp_path, case["at"], case["old"], case["new"], versions=versions)
    assert faults(run) == []
    found = [(level, rule) for level, rule in told(run) if level in {"breaking", "warning"}]
    if "verdict" not in case:
        assert found == []
    elif "rule" in case:
        assert (case["verdict"], case["rule"]) in found
    assert run.exit_code == (case.get("verdict") == "breaking")


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [(FailOn.BREAKING, 0), (FailOn.WARNING, 1), (FailOn.ANY, 1), (FailOn.NONE, 0)],
)
def test_you_say_from_which_level_on_a_change_fails(
    fail_on: FailOn, code: int, tmp_path: Path
) -> None:
    texts = "{type: string}", "{type: string, maxLength: 9}"
    assert compared(tmp_path, "request", *texts, fail_on=fail_on).exit_code == code


def test_a_break_that_is_asked_not_to_fail_is_told_still(tmp_path: Path) -> None:
    run = compared(tmp_path, "request", "{type: number}", "{type: integer}", fail_on=FailOn.NONE)
    assert run.exit_code == 0
    assert told(run) == [("breaking", "request-type-changed")]


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ("200", "2XX", [("addition", "response-added")]),
        ("2XX", "200", [("note", "response-narrowed")]),
        ("200 404 409", "200 4XX", [("addition", "response-added")]),
        ("200 4XX", "200 404 409", [("note", "response-narrowed")]),
        ("200 404", "200 404 4XX", [("addition", "response-added")]),
        ("200 404 4XX", "200 404", [("note", "response-narrowed")]),
        ("200 4XX", "200 404 4XX", []),
        ("200 404", "200 default", [("addition", "response-added")]),
        ("200 default", "200 404", [("note", "error-response-removed")]),
    ],
)
def test_a_range_in_place_of_a_status_is_told_once(
    old: str, new: str, changes: list[tuple[str, str]], tmp_path: Path
) -> None:
    texts = (
        "\n".join(f"'{status}': {{description: Done.}}" for status in statuses.split())
        for statuses in (old, new)
    )
    assert told(compared(tmp_path, "responses", *texts)) == changes
