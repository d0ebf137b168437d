from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from operator import methodcaller
from typing import Any

import pytest
from sqlalchemy import Engine, event, update

from keyastrom_world import GROUP, HOST, INFO, NOW, ON_HOST, PROBLEM, Kept, pages, titles
from tallystick.apis.keyastrom import event_ids
from tallystick.apis.keyastrom.entities import Entity
from tallystick.apis.keyastrom.problem_comments import add_comment
from tallystick.apis.keyastrom.reports import ReportTarget
from tallystick.apis.keyastrom.tables import events

SERVICE = Entity("SERVICE-0000000000000001", "SERVICE", "shop")
ON_SERVICE = ReportTarget(SERVICE.id, SERVICE.type)
SLOW = {"eventType": "PERFORMANCE_EVENT", "title": "Slow Shop"}
MUTED = {**PROBLEM, "title": "Muted", "properties": {"dt.event.suppress_problem": "true"}}


@pytest.fixture
def trouble(kept: Kept) -> Kept:
    """A host that is down, then a slow service, beside what opens no problem."""
    kept.add(GROUP, HOST, SERVICE)
    kept.ingest(PROBLEM, ON_HOST)
    kept.ingest(INFO, ON_HOST)
    kept.ingest(MUTED, ON_HOST)
    kept.clock.seconds += 1
    kept.ingest(SLOW, ON_SERVICE)
    return kept


def problem_titles(page: dict[str, Any]) -> list[str]:
    return [problem["title"] for problem in page["problems"]]


def test_each_event_that_opens_a_problem_is_one(trouble: Kept) -> None:
    slow, down = trouble.problems()["problems"]
    assert (slow["title"], down["title"]) == ("Slow Shop", "Down")
    assert down["problemId"].endswith("V2")
    assert down["displayId"].startswith("P-")
    assert (down["severityLevel"], down["impactLevel"]) == ("ERROR", "INFRASTRUCTURE")
    assert (slow["severityLevel"], slow["impactLevel"]) == ("PERFORMANCE", "SERVICES")
    assert (down["status"], down["endTime"]) == ("OPEN", -1)
    assert down["affectedEntities"] == down["impactedEntities"]
    assert down["affectedEntities"][0]["entityId"]["id"] == HOST.id
    assert down["managementZones"] == [{"id": "7", "name": "Shop"}]
    assert "evidenceDetails" not in down


def test_fields_add_evidence_impact_and_comments(trouble: Kept) -> None:
    fields = "evidenceDetails,+impactAnalysis,recentComments,other"
    down = trouble.problems(fields=fields)["problems"][1]
    [evidence] = down["evidenceDetails"]["details"]
    assert f"{evidence['eventId']}V2" == down["problemId"]
    assert evidence["data"]["title"] == "Down"
    assert down["impactAnalysis"] == {"impacts": []}
    assert down["recentComments"] == {"totalCount": 0, "pageSize": 10, "comments": []}


def test_the_latest_comments_on_all_problems_of_a_page_are_one_query(trouble: Kept) -> None:
    listed = trouble.problems()["problems"]
    slow, down = (event_ids.number_of(p["problemId"].removesuffix("V2")) for p in listed)
    comment(trouble, down, *(f"Known {number}" for number in range(12)))
    comment(trouble, slow, "Soon")
    with counted_statements() as plain:
        trouble.problems()
    with counted_statements() as with_comments:
        found = trouble.problems(fields="recentComments")["problems"]
    assert len(with_comments) == len(plain) + 1
    pages = [problem["recentComments"] for problem in found]
    assert [page["totalCount"] for page in pages] == [1, 12]
    said = [[each["content"] for each in page["comments"]] for page in pages]
    assert said == [["Soon"], [f"Known {number}" for number in range(11, 1, -1)]]


def comment(world: Kept, problem: int | None, *messages: str) -> None:
    assert problem is not None
    for message in messages:
        body = {"message": message}
        world.write(partial(add_comment, number=problem, body=body, author="ci", now_ms=NOW))


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield statements
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ('status("open")', ["Slow Shop", "Down"]),
        ('status("closed")', []),
        ('severityLevel("ERROR","AVAILABILITY")', ["Down"]),
        ('impactLevel("SERVICES")', ["Slow Shop"]),
        ('impactLevel("INFRASTRUCTURE","APPLICATION")', ["Down"]),
        ('rootCauseEntity("HOST-1")', []),
        ('managementZoneIds("7")', ["Down"]),
        ('managementZones("Shop","Bank")', ["Down"]),
        (f'impactedEntities("{SERVICE.id}")', ["Slow Shop"]),
        (f'affectedEntities("{HOST.id}","x")', ["Down"]),
        ('affectedEntityTypes("host")', ["Down"]),
        ('entityTags("stage:prod")', ["Down"]),
        (r'entityTags("[aws]a\:b:c")', ["Down"]),
        ('problemFilterIds("1")', []),
        ('problemFilterNames.equals("Default")', []),
        ("underMaintenance(true)", ["Slow Shop", "Down"]),
        ("underMaintenance(false)", ["Slow Shop", "Down"]),
        ('text("slow s")', ["Slow Shop"]),
        ('text("host-0000")', ["Down"]),
        ('displayId("P-x")', []),
        ('problemId("x")', []),
    ],
)
def test_problems_are_selected(trouble: Kept, selector: str, expected: list[str]) -> None:
    assert problem_titles(trouble.problems(problem_selector=selector)) == expected


@pytest.mark.parametrize("name", ["problemId", "displayId"])
def test_a_problem_is_selected_by_both_its_ids(trouble: Kept, name: str) -> None:
    for problem in trouble.problems()["problems"]:
        for selector in (f'{name}("{problem[name]}")', f'text("{problem["displayId"]}")'):
            assert trouble.problems(problem_selector=selector)["problems"] == [problem]


def test_problems_are_those_of_selected_entities(trouble: Kept) -> None:
    assert problem_titles(trouble.problems(entity_selector="type(SERVICE)")) == ["Slow Shop"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("startTime", ["Down", "Slow Shop"]),
        (" startTime", ["Down", "Slow Shop"]),
        ("-startTime", ["Slow Shop", "Down"]),
        ("+status,+startTime", ["Down", "Slow Shop"]),
        ("-relevance", ["Slow Shop", "Down"]),
    ],
)
def test_problems_are_sorted(trouble: Kept, sort: str, expected: list[str]) -> None:
    assert problem_titles(trouble.problems(sort=sort)) == expected


def test_problems_are_listed_page_by_page_with_fields_of_each(trouble: Kept) -> None:
    first = trouble.problems(page_size=1, sort="startTime", fields="impactAnalysis")
    found = pages(first, lambda key: trouble.problems(next_page_key=key))
    assert [problem_titles(page) for page in found] == [["Down"], ["Slow Shop"]]
    assert [page["totalCount"] for page in found] == [2, 2]
    assert "impactAnalysis" in found[0]["problems"][0]
    assert "impactAnalysis" not in found[1]["problems"][0]


def test_a_problem_ends_with_its_event(trouble: Kept) -> None:
    trouble.clock.seconds += 16 * 60
    assert problem_titles(trouble.problems(problem_selector='status("closed")')) == [
        "Slow Shop",
        "Down",
    ]
    assert titles(trouble.events(event_selector="status(OPEN)")) == []


@pytest.mark.parametrize("sort", [None, "startTime", "-status,+startTime", "+status,relevance"])
def test_problems_are_each_on_one_page_though_all_before_are_closed(
    kept: Kept, sort: str | None
) -> None:
    kept.add(GROUP, HOST)
    for number in range(6):
        kept.clock.seconds += number % 2  # two begin at once
        kept.ingest({**PROBLEM, "title": f"Down {number}"}, ON_HOST)
    listed = kept.problems(problem_selector="status(open)")["problems"]
    rows = {p["title"]: event_ids.number_of(p["problemId"].removesuffix("V2")) for p in listed}
    page = kept.problems(problem_selector="status(open)", sort=sort, page_size=2)
    found = problem_titles(page)
    while key := page.get("nextPageKey"):
        closed = [rows[title] for title in problem_titles(page)]
        ends = update(events).where(events.c.id.in_(closed)).values(end_ms=kept.clock.now_ms())
        kept.write(methodcaller("execute", ends))
        page = kept.problems(next_page_key=key)
        found += problem_titles(page)
    assert sorted(found) == [f"Down {number}" for number in range(6)]
