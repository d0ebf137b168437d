"""A rule to answer, delay or break matching requests, and its reader."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from tallystick.contract.exceptions import Invalid, Violation
from tallystick.contract.operation import Operation
from tallystick.mock import faults
from tallystick.mock.answer_template import check_placeholders
from tallystick.mock.clock import duration_ms
from tallystick.mock.faults import Delay, Fault
from tallystick.mock.matching import Conditions, Verdict
from tallystick.mock.request_view import RequestView
from tallystick.mock.response_chooser import NoSuchResponse, ResponseChoice, ResponseChooser

CONTROL = "gateway"
"""The API exempt from rules, since a rule could otherwise lock you out of the mock's controls."""

SLOW_S = 10.0
"""The seconds of a slow body without ``over`` in its rule."""

HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
"""A token of RFC 9110, section 5.6.2; OpenAPI 3.0 has no rule for the names of members."""

SET_BY_MOCK = frozenset({"content-length", "transfer-encoding"})
"""The headers that follow from the body."""

EFFECTS = frozenset({"answer", "answers", "delay", "fault"})
"""The members of which a rule without a next state has at least one."""


class ScenarioStep(NamedTuple):
    """A rule's place in a scenario: the state it needs, and the one it leads to."""

    name: str
    state: str | None
    next: str | None


@dataclass(slots=True)
class Rule:
    """A rule for requests to some operations."""

    id: str
    given: Mapping[str, Any]
    """The ``MockRule`` as it was received."""
    operations: frozenset[str]
    conditions: Conditions
    choices: Sequence[ResponseChoice]
    """The answers, in their order; empty if the service answers."""
    step: ScenarioStep | None
    delay: Delay | None
    fault: Fault | None
    over_s: float
    times: int | None
    probability: float
    used: int = 0

    @property
    def choice(self) -> ResponseChoice | None:
        """Return the rule's answer to the latest request under it."""
        return self.choices[(self.used - 1) % len(self.choices)] if self.choices else None

    @property
    def is_outside(self) -> bool:
        """Return whether the answer, or the fault, is from outside the contract."""
        is_broken = self.fault is not None and self.fault.is_outside
        return is_broken or (self.choice is not None and self.choice.outside)

    def applies(self, operation: Operation, facts: RequestView, random: Random) -> bool:
        """Return whether the rule applies to this request, by chance where it has a probability."""
        if operation.id not in self.operations or self.used == self.times:
            return False
        is_meant = self.conditions.judge(facts) is Verdict.HIT
        return is_meant and random.random() < self.probability

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the control API shows it."""
        return {**self.given, "id": self.id, "used": self.used}


class RuleReader:
    """A reader of rules by the contracts."""

    def __init__(self, answers: ResponseChooser, *, strict: bool) -> None:
        """Read rules; with `strict`, refuse answers from outside the contract."""
        self._answers = answers
        self._strict = strict

    def read_rule(self, given: Mapping[str, Any], id_: str) -> Rule:
        """Return the rule of a ``MockRule`` of the contract; raise `Invalid` for a faulty one."""
        operations = self._operations(given)
        fault = Fault(given["fault"]) if "fault" in given else None
        choices = _choices(given)
        _check(given, choices, fault)
        if self._strict:
            _refuse_outside(choices, fault)
        if choices:
            operations = self._that_can(operations, choices, is_named="operation" in given)
        return Rule(
            id=id_,
            given={name: value for name, value in given.items() if name not in ("id", "used")},
            operations=frozenset(operation.id for operation in operations),
            conditions=Conditions(given.get("match", {})),
            choices=choices,
            step=_step(given["scenario"]) if "scenario" in given else None,
            delay=faults.delay(given["delay"]) if "delay" in given else None,
            fault=fault,
            over_s=duration_ms(given["over"]) / 1000 if "over" in given else SLOW_S,
            times=len(choices) if "answers" in given else given.get("times"),
            probability=given.get("probability", 1.0),
        )

    def _operations(self, given: Mapping[str, Any]) -> list[Operation]:
        if "operation" in given:
            found = [self._answers.operation(given["operation"])]
        else:
            found = self._answers.list_operations(given.get("api"))
        touched = [o for o in found if o.api != CONTROL and given.get("api") in (None, o.api)]
        if not touched:
            raise _invalid("operation", f"is one of {CONTROL}'s, or not of the api")
        return touched

    def _that_can(
        self, operations: list[Operation], choices: Sequence[ResponseChoice], *, is_named: bool
    ) -> list[Operation]:
        """Return the operations with all chosen answers; raise `Invalid` if there is none."""
        able, reason = [], ""
        for operation in operations:
            try:
                for choice in choices:
                    self._answers.check(operation, choice)
                able.append(operation)
            except NoSuchResponse as error:
                reason = str(error)
        if not able:
            raise _invalid("answer", reason if is_named else "is in none of these operations")
        return able


def _check(
    given: Mapping[str, Any], choices: Sequence[ResponseChoice], fault: Fault | None
) -> None:
    moves = "next" in given.get("scenario", {})
    if not moves and not given.keys() & EFFECTS:
        raise _invalid("answer", "is missing: give answer, answers, delay or fault")
    if "answers" in given and given.keys() & {"answer", "times"}:
        raise _invalid("answers", "goes with neither answer nor times: each is given once")
    if choices and fault and fault.is_silent:
        raise _invalid("fault", f"is {fault} and breaks the connection: leave answer out")
    if "over" in given and fault is not Fault.SLOW:
        raise _invalid("over", "needs the fault slow")


def _refuse_outside(choices: Sequence[ResponseChoice], fault: Fault | None) -> None:
    if any(choice.outside for choice in choices):
        raise _invalid("answer", "is from outside the contract, which --strict refuses")
    if fault and fault.is_outside:
        raise _invalid("fault", "is from outside the contract, which --strict refuses")


def _choices(given: Mapping[str, Any]) -> list[ResponseChoice]:
    if "answers" in given:
        return [_choice(each, f"answers.{n}") for n, each in enumerate(given["answers"])]
    return [_choice(given["answer"], "answer")] if "answer" in given else []


def _choice(given: Mapping[str, Any], name: str) -> ResponseChoice:
    outside = given.get("outside", False)
    if outside and (mixed := given.keys() & {"code", "error", "example"}):
        raise _invalid(f"{name}.{min(mixed)}", "does not go with outside: give status")
    if "status" in given and not outside:
        raise _invalid(f"{name}.status", "needs outside; an answer of the contract has a code")
    for header in given.get("headers", {}):
        if not HEADER_NAME.fullmatch(header):
            raise _invalid(f"{name}.headers", "has a name that no header can have")
        if header.lower() in SET_BY_MOCK:
            raise _invalid(f"{name}.headers", f"has {header}, which the mock sets itself")
    has_template = check_placeholders([given.get("body"), given.get("headers")], name)
    return ResponseChoice(
        status=given.get("status", 200) if outside else given.get("code"),
        error=given.get("error"),
        example=given.get("example"),
        body=given.get("body"),
        has_body="body" in given,
        headers=given.get("headers", {}),
        outside=outside,
        has_template=has_template,
    )


def _step(given: Mapping[str, Any]) -> ScenarioStep:
    return ScenarioStep(given["name"], given.get("state"), given.get("next"))


def _invalid(name: str, message: str) -> Invalid:
    path = tuple(name.split("."))
    return Invalid([Violation("body", path[0], "format", None, message, path)])
