"""The declared answers of the contracts, and the ones seen in a run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from . import contract
from .contract import DeclaredAnswer, DeclaredOperation
from .json_text import loads


@dataclass(slots=True)
class Coverage:
    """A collector of all answers of a run."""

    seen: dict[DeclaredAnswer, int] = field(default_factory=dict)
    answers: int = 0
    """The number of all answers, also those outside every operation."""

    def saw(self, method: str, target: str, status: int, body: bytes) -> None:
        """Count one answer, and each error code named in its body."""
        self.answers += 1
        path = target.partition("?")[0]
        operation = contract.operation(method, path)
        api = operation.api if operation else contract.nearest_api(path)
        if api is None:
            return
        for code in ["", *_known_codes(api, status, body)]:
            for answer in _answers(api, operation, status, code):
                self.seen[answer] = self.seen.get(answer, 0) + 1

    def missing(self) -> list[DeclaredAnswer]:
        """Return declared answers that were not seen."""
        return sorted(_declared() - set(self.seen))

    def undeclared(self) -> list[DeclaredAnswer]:
        """Return answers that were seen but are undeclared."""
        ranges = {operation.id: operation.ranges for operation in contract.operations()}
        return sorted(
            answer
            for answer in set(self.seen) - _declared()
            if not {"default", f"{answer.status // 100}XX"}
            & ranges.get(answer.operation, frozenset())
        )

    def as_json(self) -> dict[str, Any]:
        """Return the report, by operation, status and error code."""
        report: dict[str, Any] = {"operations": {}, "missing": [], "undeclared": []}
        for operation in contract.operations():
            own = {
                answer: count for answer, count in self.seen.items() if answer[0] == operation.id
            }
            report["operations"][operation.id] = {
                "api": operation.api,
                "seen": [[*answer[1:], count] for answer, count in sorted(own.items())],
            }
        report["missing"] = [list(answer) for answer in self.missing()]
        report["undeclared"] = [list(answer) for answer in self.undeclared()]
        return report

    def table(self) -> Iterator[str]:
        """Yield the lines of the report for people."""
        for operation in contract.operations():
            declared = operation.declared
            seen = declared & set(self.seen)
            statuses = sorted({answer.status for answer in seen})
            count = sum(
                n
                for answer, n in self.seen.items()
                if answer[0] == operation.id and not answer.code
            )
            yield (
                f"{operation.method:6} {operation.path:52} {len(seen):3}/{len(declared):<3}"
                f" {count:6} answers  {' '.join(map(str, statuses))}"
            )
        for title, answers in (("never seen", self.missing()), ("undeclared", self.undeclared())):
            for answer in answers:
                yield f"{title}: {answer.operation} {answer.status} {answer.code}".rstrip()


def _declared() -> set[DeclaredAnswer]:
    declared = {answer for operation in contract.operations() for answer in operation.declared}
    return declared.union(*map(contract.http_answers, contract.apis()))


def _answers(
    api: str, operation: DeclaredOperation | None, status: int, code: str
) -> Iterator[DeclaredAnswer]:
    """Yield what an answer counts for: the operation, a refusal by HTTP itself, or both."""
    refusal = DeclaredAnswer(api, status, code)
    is_refusal = refusal in contract.http_answers(api)
    if is_refusal:
        yield refusal
    if operation is not None:
        answer = DeclaredAnswer(operation.id, status, code)
        if answer in operation.declared or not is_refusal:
            yield answer


def error_codes(body: bytes) -> list[str]:
    """Return the error codes named in an answer's body, in the shape of any API."""
    found = [
        item[name] for item in _errors(body) for name in ("code", "error_code") if name in item
    ]
    return list(dict.fromkeys(str(code) for code in found if isinstance(code, (str, int))))


def names_code(api: str, code: str, status: int, body: bytes) -> bool:
    """Return whether an answer has an error code of the contract, alone or with its message."""
    named = code.partition("-")[0]
    return named in error_codes(body) or code in _known_codes(api, status, body)


def _known_codes(api: str, status: int, body: bytes) -> list[str]:
    """Return the status's codes named in the body, with the contract's messages."""
    items = _errors(body)
    return [
        code
        for code, said in contract.codes(api).items()
        if said["status"] == status and any(_says(item, code, said["message"]) for item in items)
    ]


def _says(item: Mapping[str, Any], code: str, message: str) -> bool:
    """Return whether an error has the message, and the code if it names any.

    ``401-missing`` is a second message of the code 401.
    """
    named = str(item.get("code", item.get("error_code", code))).partition("-")[0]
    said = str(item.get("message", item.get("error_msg", "")))
    return named == code.partition("-")[0] and _wording(message).fullmatch(said) is not None


@cache
def _wording(message: str) -> re.Pattern[str]:
    """Return a pattern for a code's message, in which ``{reason}`` and the like match any text."""
    return re.compile(".*".join(map(re.escape, re.split(r"\{\w+\}", message))), re.DOTALL)


def _errors(body: bytes) -> list[dict[str, Any]]:
    try:
        value = loads(body)
    except (ValueError, RecursionError):
        return []  # no JSON, or JSON so deep that it is nobody's error
    if not isinstance(value, dict):
        return []
    several = [value.get(name) for name in ("errors", "violations")]
    listed = [item for items in several if isinstance(items, list) for item in items]
    items = [value, value.get("error"), *listed]
    return [item for item in items if isinstance(item, dict)]
