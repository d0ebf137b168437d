from __future__ import annotations

import pytest

from tallystick.apis.keyastrom import problem_selector as p
from tallystick.apis.keyastrom.event_selector import EventStatus
from tallystick.apis.keyastrom.problem_selector import ProblemProperty, parse_problem_selector
from tallystick.apis.keyastrom.selector_parser import SelectorError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('status("open")', p.InStatus(EventStatus.OPEN)),
        ("STATUS(Closed)", p.InStatus(EventStatus.CLOSED)),
        ('text("a~"b")', p.HoldsText('a"b')),
        ("underMaintenance(false)", p.UnderMaintenance(shown=False)),
        ("severityLevel(ERROR,INFO)", p.OneOf(ProblemProperty.SEVERITY, ("ERROR", "INFO"))),
        ("managementZones(A zone)", p.OneOf(ProblemProperty.ZONE_NAME, ("A zone",))),
        ("managementZoneIds(1)", p.OneOf(ProblemProperty.ZONE_ID, ("1",))),
        ("affectedEntityTypes(HOST)", p.OneOf(ProblemProperty.AFFECTED_TYPE, ("HOST",))),
        ("problemFilterNames.equals(a)", p.OneOf(ProblemProperty.FILTER_NAME, ("a",))),
    ],
)
def test_every_kind_of_criterion_is_read(text: str, expected: p.Criterion) -> None:
    assert parse_problem_selector(text) == (expected,)


def test_criteria_are_joined_by_commas() -> None:
    assert len(parse_problem_selector('status("open"), impactLevel("SERVICES")')) == 2


@pytest.mark.parametrize("text", ["", "status(ajar)", "status(open,closed)", "title(x)", "text()"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(SelectorError, match="1-based column range"):
        parse_problem_selector(text)


def test_a_selector_that_asks_too_much_is_refused() -> None:
    assert len(parse_problem_selector(",".join(["text(a)"] * 100))) == 100
    with pytest.raises(SelectorError, match="Got more than 100 criteria"):
        parse_problem_selector(",".join(["text(a)"] * 101))
