"""All rules of a mock, in their order, and the states of their scenarios."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import copy
from random import Random
from typing import Any, NamedTuple

from tallystick.apis import json_path
from tallystick.contract.exceptions import Invalid, NotFound, Violation
from tallystick.contract.operation import Operation
from tallystick.mock.request_view import RequestView
from tallystick.mock.rule import CONTROL, Rule, RuleReader, ScenarioStep

MOST = 1_000
"""The most rules at a time."""

MAX_STEPS = 5 * json_path.MAX_STEPS
"""Steps of the look-ups in one request by the rules together; those left then do not match."""

STARTED = "started"
"""The state of a scenario before its first step."""


class RulesState(NamedTuple):
    """All rules at one moment, the scenarios, the count of rules, and the random generator."""

    rules: list[Rule]
    scenarios: dict[str, str]
    made: int
    drawn: Any


class Rules:
    """All rules; of those that apply, the last one in the list is followed."""

    def __init__(self, reader: RuleReader, random: Random) -> None:
        self._reader = reader
        self._random = random
        self._rules: list[Rule] = []
        self._scenarios: dict[str, str] = {}
        self._count = 0

    @property
    def list_rules(self) -> list[Rule]:
        """Return all rules, oldest first."""
        return self._rules

    @property
    def scenarios(self) -> dict[str, str]:
        """Return the state of each scenario by its name."""
        steps = (rule.step for rule in self._rules if rule.step)
        return {step.name: self._scenarios.get(step.name, STARTED) for step in steps}

    @property
    def state(self) -> RulesState:
        """Return a copy of rules, count and random numbers; assign one to go back to it."""
        rules = [copy(rule) for rule in self._rules]
        return RulesState(rules, {**self._scenarios}, self._count, self._random.getstate())

    @state.setter
    def state(self, kept: RulesState) -> None:
        self._rules = [copy(rule) for rule in kept.rules]
        self._scenarios = {**kept.scenarios}
        self._count = kept.made
        self._random.setstate(kept.drawn)

    def add_rule(self, given: Mapping[str, Any]) -> Rule:
        """Add a rule by a ``MockRule`` of the contract; raise `Invalid` for a faulty one."""
        if len(self._rules) >= MOST:
            raise Invalid([_violation(("times",), f"is one rule too many: {MOST} are the most")])
        rule = self._read(given)
        self._rules.append(rule)
        return rule

    def replace_rules(
        self, given: Iterable[Mapping[str, Any]], scenarios: Mapping[str, str]
    ) -> None:
        """Put these rules in the place of all; raise `Invalid`, and change nothing, for a fault."""
        rules = []
        for number, each in enumerate(given):
            try:
                rules.append(self._read(each))
            except Invalid as error:
                where = ("rules", number)
                raise Invalid(
                    [v._replace(name="rules", path=(*where, *v.path)) for v in error.violations]
                ) from None
        self._rules, self._scenarios = rules, {**scenarios}

    def clear_rules(self) -> None:
        """Remove all rules, and let scenarios begin anew."""
        self._rules, self._scenarios = [], {}

    def remove_rule(self, id_: str) -> None:
        """Remove a rule; raise `NotFound`."""
        if all(rule.id != id_ for rule in self._rules):
            raise NotFound("No rule has this id.")
        self._rules = [rule for rule in self._rules if rule.id != id_]

    def apply_rule(self, operation: Operation | None, facts: RequestView) -> Rule | None:
        """Return the rule for a request and count it as used, or None."""
        if operation is None or operation.api == CONTROL:
            return None
        rule = self._find(operation, facts)
        if rule is not None:
            rule.used += 1
            if rule.step and rule.step.next:
                self._scenarios[rule.step.name] = rule.step.next
        return rule

    def _find(self, operation: Operation, facts: RequestView) -> Rule | None:
        steps = 0
        for rule in reversed(self._rules):
            if not self._is_due(rule.step):
                continue
            with json_path.budget() as look_ups:
                if rule.applies(operation, facts, self._random):
                    return rule
            steps += look_ups.spent
            if steps > MAX_STEPS:
                break
        return None

    def _is_due(self, step: ScenarioStep | None) -> bool:
        if step is None or step.state is None:
            return True
        return self._scenarios.get(step.name, STARTED) == step.state

    def _read(self, given: Mapping[str, Any]) -> Rule:
        rule = self._reader.read_rule(given, str(self._count + 1))
        self._count += 1
        return rule


def _violation(path: tuple[str | int, ...], message: str) -> Violation:
    return Violation("body", str(path[0]), "format", None, message, path)
