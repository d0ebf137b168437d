from __future__ import annotations

import pytest

from tallystick.apis.eventhos.error_format import render
from tallystick.apis.eventhos.exceptions import (
    BadField,
    ClientNotFound,
    EventNotFound,
    InUse,
    LockedOut,
    LongLiveOnly,
    SecretLost,
    WrongPassword,
    WrongSecret,
)
from tallystick.apis.eventhos.service import NO_CONTRACTS, SUCCESS
from tallystick.contract.document import read_documents
from tallystick.contract.error_codes import value
from tallystick.contract.exceptions import (
    Failed,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotFound,
    Problem,
    Refused,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
    Violation,
)

[DOCUMENT] = [document for document in read_documents() if document.api == "eventhos"]
CODES = DOCUMENT.codes


class NoSuchDay(Refused):
    """There is no such day."""


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (Unauthenticated(), 401202, "Incorrect token"),
        (Unauthenticated(missing=True), 401202, "Incorrect token"),
        (ClientNotFound(), 400004, "Client or user not found"),
        (LongLiveOnly(), 400011, "Client can not generate short live token"),
        (EventNotFound(), 400024, "The event does not exist."),
        (WrongSecret(), 401000, "Unauthorized: The secret is not the client's."),
        (WrongPassword(), 401000, "Unauthorized: There is nobody of that name and password."),
        (LockedOut(180), 429000, "Too Many Requests"),
        (BadField("url", "is bad"), 400000, "Bad request: url is bad"),
        (InUse(), 409000, "Conflict: Others depend on it."),
        (Failed("disk 7 is full"), 500000, "Not categorized error"),
        (Problem("disk 7 is full"), 500000, "Not categorized error"),
        (NotFound(), 404000, "Not Found"),
        (
            SecretLost(),
            404000,
            "Not Found: The secret can't be shown: "
            "it was not sealed, or the key of its seal is not here.",
        ),
        (MethodNotAllowed(), 405000, "Method Not Allowed"),
        (TooLarge(), 413000, "Content Too Large"),
        (TooManyRequests(limit=1, reset=0, retry_after=1), 429000, "Too Many Requests"),
        (Unavailable("disk 7 is full"), 503000, "Service Unavailable"),
        (Forbidden("Not you."), 403000, "Forbidden: Not you."),
        (NoSuchDay(), 400000, "Bad request: There is no such day."),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Problem) else None,
)
def test_each_problem_has_its_code_and_the_codes_first_digits_are_the_status(
    problem: Problem, code: int, message: str
) -> None:
    answer = render(problem, CODES)
    assert answer.body == {"code": code, "message": message}
    assert answer.status == code // 1000


@pytest.mark.parametrize(
    ("violation", "code", "message"),
    [
        (
            Violation("query", "event-identifier", "required", "400201", "is missing"),
            400201,
            "event-identifier is required",
        ),
        (
            Violation("body", "", "syntax", "400000", "is not JSON: at line 1, column 2"),
            400000,
            "Bad request: the body is not JSON: at line 1, column 2",
        ),
        (
            Violation("body", "client_id", "type", "400000", "must be a string", ("client_id",)),
            400000,
            "Bad request: client_id must be a string",
        ),
        (
            Violation("body", "headers", "type", None, "must be a string", ("headers", 0, "key")),
            400000,
            "Bad request: headers.0.key must be a string",
        ),
        (
            Violation("query", "access-key", "duplicate", None, "is given twice"),
            400000,
            "Bad request: access-key is given twice",
        ),
        (
            Violation("query", "", "charset", None, "is not UTF-8"),
            400000,
            "Bad request: the query is not UTF-8",
        ),
    ],
)
def test_a_violation_says_what_is_wrong_and_where(
    violation: Violation, code: int, message: str
) -> None:
    assert render(Invalid([violation]), CODES).body == {"code": code, "message": message}


def test_only_the_first_violation_is_named() -> None:
    first = Violation("body", "client_id", "required", None, "is missing")
    second = Violation("query", "event-identifier", "required", "400201", "is missing")
    assert render(Invalid([first, second]), CODES).body["code"] == 400000


@pytest.mark.parametrize("received", [SUCCESS, NO_CONTRACTS])
def test_an_accepted_event_is_answered_in_the_contracts_words(received: dict[str, object]) -> None:
    assert CODES[str(received["code"])] == (200, received["message"])


def test_every_error_codes_first_digits_are_its_status() -> None:
    errors = {code: status for code, (status, _) in CODES.items() if status >= 400}
    assert all(int(value(code)) // 1000 == status for code, status in errors.items())
