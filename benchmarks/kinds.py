"""What kind of failure a failed check is: the word that a scoreboard sums up by."""

from __future__ import annotations

import re

from tallystick.gate.outcome import CheckResult

_CAME = re.compile(r"\d{3}")


def kind(result: CheckResult) -> str:
    """A few words for what is wrong, the same for all checks that fail alike."""
    if result.suite in ("vector", "bytes"):
        return _of_answer(result)
    if result.suite == "coverage":
        return "a status that is not declared"
    return result.objections[0].partition("\n")[0].rstrip(":.")


def _of_answer(result: CheckResult) -> str:
    came = _CAME.match(result.came)
    if came is None:
        return "unanswered"
    status = int(came[0])
    wrong_status = any(said.startswith("status is") for said in result.objections)
    if not wrong_status:
        return _of_content(result)
    if status >= 500:
        return "a server error"
    if status < 400:
        return "takes a bad request"
    return "refuses with another status" if _is_refusal(result) else "refuses a good request"


def _is_refusal(result: CheckResult) -> bool:
    """Whether the contract wants no success: a span such as 200–499 allows one."""
    wanted = _CAME.search(result.asked)
    return wanted is not None and int(wanted[0]) >= 400


def _of_content(result: CheckResult) -> str:
    # The last objection of a vector tells where its rule is from.
    said = [each for each in result.objections if not each.startswith("the rule is from")]
    if all(each.startswith("header ") for each in said):
        return "a header is missing or another"
    if any(each.startswith("the server does not answer") for each in said):
        return "the server has ended"
    return "another body or error code"
