"""Which of the answers that the contract declares a run has seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from . import contract
from .contract import DeclaredAnswer
from .json_text import loads


@dataclass(slots=True)
class Coverage:
    """Collects every answer of a run."""

    seen: dict[DeclaredAnswer, int] = field(default_factory=dict)
    answers: int = 0
    """All of them, those of no operation too."""

    def saw(self, method: str, target: str, status: int, body: bytes) -> None:
        """Count one answer, and each error code that its body names."""
        self.answers += 1
        operation = contract.operation(method, target.partition("?")[0])
        if operation is None:
            return
        for code in ["", *_known_codes(operation.api, status, body)]:
            answer = DeclaredAnswer(operation.id, status, code)
            self.seen[answer] = self.seen.get(answer, 0) + 1

    def missing(self) -> list[DeclaredAnswer]:
        """What is declared and was never seen: answers of operations, and codes of a whole API."""
        declared = {answer for operation in contract.operations() for answer in operation.declared}
        return sorted(declared - set(self.seen)) + sorted(self._missing_codes())

    def _missing_codes(self) -> Iterator[DeclaredAnswer]:
        api_of = {operation.id: operation.api for operation in contract.operations()}
        seen = {(api_of[answer.operation], answer.code) for answer in self.seen}
        for api in contract.apis():
            for code, said in contract.codes(api).items():
                # An unknown path and a wrong method are no operation's answers.
                if (api, code) not in seen and said["status"] not in (404, 405):
                    yield DeclaredAnswer(f"any of {api}", said["status"], code)

    def undeclared(self) -> list[DeclaredAnswer]:
        """What was seen and is not declared; 405 is outside the contract."""
        statuses = {
            (operation.id, answer.status)
            for operation in contract.operations()
            for answer in operation.declared
        }
        return sorted(
            answer for answer in self.seen if answer.status != 405 and answer[:2] not in statuses
        )

    def as_json(self) -> dict[str, Any]:
        """The report, by operation, status and error code."""
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
        """The report in lines for people."""
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


def error_codes(body: bytes) -> list[str]:
    """The error codes that an answer's body names, in the shape of whichever API."""
    found = [
        item[name] for item in _errors(body) for name in ("code", "error_code") if name in item
    ]
    return list(dict.fromkeys(str(code) for code in found if isinstance(code, (str, int))))


def _known_codes(api: str, status: int, body: bytes) -> list[str]:
    """Codes by their names, and those that only their messages tell apart."""
    names = set(error_codes(body))
    messages = {str(item.get("message")) for item in _errors(body)}
    return [
        code
        for code, said in contract.codes(api).items()
        if code in names or (said["status"] == status and said["message"] in messages)
    ]


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
