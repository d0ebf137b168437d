"""Each language's clients, built with its own tools, against a real server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from client_programs.builds import LANGUAGES
from client_programs.exchanges import of_steps, sent, told
from client_programs.ran import Ran, Run
from client_programs.scenario import operations, scenarios
from tallystick.clients import list_apis

PAGE = Path(__file__).parents[2] / "docs/clients.md"
TABLE = ("<!-- table: written by make clients-table -->\n", "<!-- end of table -->\n")

LATE = "canStart"
"""What no answer comes to in time; the scenario of charon asks for it."""

each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_language
@pytest.mark.parametrize("api", list_apis())
def test_every_operation_succeeds(api: str, language: str, ran: Run) -> None:
    assert set(operations(api)) <= ran(language).done


@each_language
def test_all_that_a_program_gives_arrives(language: str, ran: Run) -> None:
    steps = [step for each in scenarios(language) for step in each.steps if not step.is_away]
    for step, exchanges in of_steps(steps, ran(language).exchanges):
        given, arrived = sent(step, exchanges)
        assert arrived == given, step.operation


@each_language
def test_all_that_a_server_answers_reaches_the_program(language: str, ran: Run) -> None:
    found = ran(language)
    steps = [step for each in scenarios(language) for step in each.steps if not step.is_away]
    pairs = of_steps(steps, found.exchanges)
    answered = [(step, exchanges) for step, exchanges in pairs if not step.refused]
    for (step, exchanges), (_, result) in zip(answered, found.results, strict=True):
        answer, known = told(step, exchanges, result)
        assert known == answer, step.operation


@each_language
@pytest.mark.parametrize("api", list_apis())
def test_two_documented_errors_are_known_by_their_codes(api: str, language: str, ran: Run) -> None:
    found = next(each for each in scenarios(language) if each.api == api)
    refused = [step for step in found.steps if step.refused and not step.is_away]
    assert len({step.refused for step in refused}) >= 2
    assert {step.operation for step in refused} <= ran(language).refused


@each_language
def test_only_what_a_repeat_cant_harm_is_tried_again(language: str, ran: Run) -> None:
    assert ran(language).asked == {
        "GET /gateway/v1/crons": 3,
        "DELETE /gateway/v1/crons/a-cron": 3,
        "GET /api/1/start": 1,
        "POST /gateway/v1/crons": 1,
        "GET /api/moved/can-start": 1,
        "POST /api/moved/message": 1,
    }


@each_language
def test_a_client_does_not_wait_for_ever(language: str, ran: Run) -> None:
    assert LATE in (step.operation for step in scenarios(language)[0].steps if step.is_away)
    assert LATE in ran(language).refused


@each_language
def test_a_client_says_who_it_is(language: str, ran: Run) -> None:
    (user_agent,) = ran(language).user_agents
    assert user_agent.startswith(f"charon-client-{language}/")


def test_the_page_shows_what_ran(ran: Run) -> None:
    begin, end = TABLE
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    shown, _, after = rest.partition(end)
    table = _table(ran)
    if os.environ.get("WRITE_CLIENTS_TABLE"):
        PAGE.write_text(f"{before}{begin}{table}{end}{after}", encoding="utf-8")
        shown = table
    assert shown == table


def _table(ran: Run) -> str:
    """Language × operation: ✓ it succeeded, ! it was refused by a documented code too."""
    names = sorted(LANGUAGES)
    lines = [f"| API | operation | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for api in list_apis():
        for operation in operations(api):
            marks = " | ".join(_mark(ran(name), operation) for name in names)
            lines.append(f"| {api} | `{operation}` | {marks} |")
    return "\n".join(lines) + "\n"


def _mark(found: Ran, operation: str) -> str:
    done = "✓" if operation in found.done else "—"
    return f"{done} !" if operation in found.refused - {LATE} else done
