"""Rules that answer, delay or break matching requests."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from random import Random
from typing import Any, NamedTuple

from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.contract.operation import Operation
from tallystick.mock import faults
from tallystick.mock.clock import duration_ms
from tallystick.mock.faults import Delay, Fault
from tallystick.mock.matching import Conditions, Verdict
from tallystick.mock.request_view import RequestView
from tallystick.mock.response_chooser import NoSuchResponse, ResponseChoice, ResponseChooser

CONTROL = "gateway"
"""The API exempt from rules, since a rule could otherwise lock you out of the mock's controls."""

SLOW_S = 10.0
"""The seconds of a slow body without ``over`` in its rule."""

MOST = 1_000
"""The most rules at a time."""


@dataclass(slots=True)
class Rule:
    """A rule for requests to some operations."""

    id: str
    given: Mapping[str, Any]
    """The ``MockRule`` as it was received."""
    operations: frozenset[str]
    conditions: Conditions
    choice: ResponseChoice | None
    delay: Delay | None
    fault: Fault | None
    over_s: float
    times: int | None
    probability: float
    used: int = 0

    def applies(self, operation: Operation, facts: RequestView, random: Random) -> bool:
        """Return whether the rule applies to this request, by chance where it has a probability."""
        if operation.id not in self.operations or self.used == self.times:
            return False
        is_meant = self.conditions.judge(facts) is Verdict.HIT
        return is_meant and random.random() < self.probability

    def to_dict(self) -> dict[str, Any]:
        """Return the rule as the control API shows it."""
        return {**self.given, "id": self.id, "used": self.used}


class RulesState(NamedTuple):
    """All rules at one moment, the count of rules ever added, and the random generator's state."""

    rules: list[Rule]
    made: int
    drawn: Any


class Rules:
    """All rules; of those that apply, the newest is followed."""

    def __init__(self, answers: ResponseChooser, random: Random) -> None:
        self._answers = answers
        self._random = random
        self._rules: list[Rule] = []
        self._count = 0

    @property
    def list_rules(self) -> list[Rule]:
        """Return all rules, oldest first."""
        return self._rules

    @property
    def state(self) -> RulesState:
        """Return a copy of rules, count and random numbers; assign one to go back to it."""
        return RulesState(
            [copy(rule) for rule in self._rules], self._count, self._random.getstate()
        )

    @state.setter
    def state(self, kept: RulesState) -> None:
        self._rules = [copy(rule) for rule in kept.rules]
        self._count = kept.made
        self._random.setstate(kept.drawn)

    def add_rule(self, given: Mapping[str, Any]) -> Rule:
        """Add a rule by a ``MockRule`` of the contract; raise `Invalid` for a faulty one."""
        if len(self._rules) >= MOST:
            raise _invalid("times", f"is one rule too many: delete some of the {MOST}")
        rule = self._rule(given)
        self._rules.append(rule)
        return rule

    def clear_rules(self) -> None:
        """Remove all rules."""
        self._rules = []

    def remove_rule(self, id_: str) -> None:
        """Remove a rule; raise `NotFound`."""
        if all(rule.id != id_ for rule in self._rules):
            raise NotFound("No rule has this id.")
        self._rules = [rule for rule in self._rules if rule.id != id_]

    def apply_rule(self, operation: Operation | None, facts: RequestView) -> Rule | None:
        """Return the rule for a request and count it as used, or None."""
        if operation is None or operation.api == CONTROL:
            return None
        for rule in reversed(self._rules):
            if rule.applies(operation, facts, self._random):
                rule.used += 1
                return rule
        return None

    def _rule(self, given: Mapping[str, Any]) -> Rule:
        operations = self._operations(given)
        choice = _choice(given["answer"]) if "answer" in given else None
        fault = Fault(given["fault"]) if "fault" in given else None
        self._check(given, choice, fault)
        if choice:
            operations = self._that_can(operations, choice, is_named="operation" in given)
        self._count += 1
        return Rule(
            id=str(self._count),
            given=given,
            operations=frozenset(operation.id for operation in operations),
            conditions=Conditions(given.get("match", {})),
            choice=choice,
            delay=faults.delay(given["delay"]) if "delay" in given else None,
            fault=fault,
            over_s=duration_ms(given["over"]) / 1000 if "over" in given else SLOW_S,
            times=given.get("times"),
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

    def _check(
        self, given: Mapping[str, Any], choice: ResponseChoice | None, fault: Fault | None
    ) -> None:
        if not given.keys() & {"answer", "delay", "fault"}:
            raise _invalid("answer", "is missing: give answer, delay or fault")
        if choice and fault and fault.is_silent:
            raise _invalid("fault", f"is {fault} and breaks the connection: leave answer out")
        if "over" in given and fault is not Fault.SLOW:
            raise _invalid("over", "needs the fault slow")

    def _that_can(
        self, operations: list[Operation], choice: ResponseChoice, *, is_named: bool
    ) -> list[Operation]:
        """Return the operations with the chosen answer; raise `Invalid` if all lack it."""
        able, reason = [], ""
        for operation in operations:
            try:
                self._answers.choose(operation, choice)
                able.append(operation)
            except NoSuchResponse as error:
                reason = str(error)
        if not able:
            raise _invalid("answer", reason if is_named else "is in none of these operations")
        return able


def _choice(given: Mapping[str, Any]) -> ResponseChoice:
    return ResponseChoice(
        status=given.get("code"),
        error=given.get("error"),
        example=given.get("example"),
        body=given.get("body"),
        has_body="body" in given,
        headers=given.get("headers", {}),
    )


def _invalid(name: str, message: str) -> Invalid:
    return Invalid([Violation("body", name, "format", None, message, (name,))])
