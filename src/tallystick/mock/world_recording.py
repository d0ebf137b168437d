"""Records the exchanges of a proxy as the rules of a world, for a mock to replay."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any
from urllib.parse import parse_qsl

import yaml

from tallystick.contract.declared_responses import DeclaredResponses
from tallystick.contract.document import ContractError, parse_yaml
from tallystick.contract.exceptions import Invalid, Problem
from tallystick.contract.intercepted import InterceptedCall
from tallystick.contract.operation import Operation
from tallystick.mock.masking import Masking
from tallystick.mock.request_view import ABSENT, body_of, facts
from tallystick.mock.response_chooser import ResponseChooser
from tallystick.mock.rule import RuleReader
from tallystick.mock.rules import MOST, Rules
from tallystick.mock.stable_ids import StableIds
from tallystick.mock.upstream import UpstreamReply
from tallystick.mock.world import SCHEMA, BadWorld

MAX_BODY = 1024 * 1024
"""The largest answer recorded, in bytes."""

MAX_RECORDED = 32 * 1024 * 1024
"""The most bytes of answers recorded; a world has at most twice as many."""

HEAD = """\
# What passed `tallystick proxy` to {upstream}, for `tallystick mock --world`.
# The last rule that matches is followed: of a series, the first answer stands last.
"""

INTERVAL_S = 1.0
"""The least seconds between two writes of the world."""

_CONDITIONS = 100
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

_log = logging.getLogger(__name__)


class WorldRecording:
    """Exchanges of a proxy, kept as rules for a mock."""

    def __init__(self, file: Path, upstream: str) -> None:
        """Begin with an empty world in the file; raise `BadWorld` if it can't be written."""
        self._file = file.resolve()  # of a link, the file it leads to is replaced
        if file.exists() and not file.is_file():
            raise BadWorld(f"can't write {file}: it is not a file")
        self._head = HEAD.format(upstream=upstream)
        self._ids = StableIds()
        self._rules: list[dict[str, Any]] = []
        self._size = 0
        self._left_out: Counter[str] = Counter()
        self._closing = asyncio.Event()
        self._writing: asyncio.Task[None] | None = None
        self._write([])

    def start(self) -> None:
        """Begin to write what is new, every second at most and a tenth of the time at most."""
        self._writing = asyncio.create_task(self._write_often())

    def prepare(self, declared: DeclaredResponses, answers: ResponseChooser) -> None:
        """Receive the contract, before the first exchange and after each change."""
        self._declared = declared
        self._answers = answers
        self._masking = Masking(declared.schemes.values())
        self._schema = declared.schema(parse_yaml(SCHEMA.read_bytes(), SCHEMA.name))

    def record_exchange(self, call: InterceptedCall, reply: UpstreamReply, *, broken: bool) -> None:
        """Keep an exchange, or count why a mock could not replay it; `broken` by the contract."""
        try:
            self._keep(call, reply, broken=broken)
        except _LeftOut as reason:
            self._left_out[str(reason)] += 1

    async def close(self) -> str:
        """Write the whole world, and return a summary in words; raise `BadWorld`."""
        self._closing.set()
        if self._writing:
            await self._writing
        said = f"recorded {self._write(self._rules)} rules in {self._file}"
        if not self._left_out:
            return said
        reasons = "; ".join(f"{count} {reason}" for reason, count in self._left_out.most_common())
        return f"{said}; left out: {reasons}"

    async def _write_often(self) -> None:
        pause_s, written = INTERVAL_S, 0
        while not await self._is_closing(pause_s):
            rules = list(self._rules)
            if len(rules) > written:
                written, started = len(rules), perf_counter()
                try:
                    await asyncio.to_thread(self._write, rules)
                except BadWorld as error:  # tried again with the next exchange
                    _log.warning("%s", error)
                pause_s = max(INTERVAL_S, 9 * (perf_counter() - started))

    async def _is_closing(self, pause_s: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._closing.wait()
        return self._closing.is_set()

    def _keep(self, call: InterceptedCall, reply: UpstreamReply, *, broken: bool) -> None:
        if call.operation is None:
            raise _LeftOut("outside the contract")
        if broken:
            raise _LeftOut("with violations")
        if reply.rest is not None or len(reply.body) > MAX_BODY:
            raise _LeftOut(f"with answers over {MAX_BODY:,} bytes, or streams")
        if self._size + len(reply.body) > MAX_RECORDED or len(self._rules) >= MOST:
            raise _LeftOut("beyond what a world holds")
        rule = {
            "operation": call.operation.id,
            "match": self._match(call),
            "answer": self._answer(call.operation, reply),
        }
        if not rule["match"]:
            del rule["match"]
        self._check(rule)
        self._size += len(reply.body)
        self._rules.append(rule)

    def _match(self, call: InterceptedCall) -> dict[str, Any]:
        query = dict(reversed(parse_qsl(call.request.query.decode("latin-1"), True)))
        said = facts(call)
        found = {
            "path": self._ids.keep_sent(dict(said.path)),
            "query": {
                name: self._ids.keep_sent(value)
                for name, value in query.items()
                if self._masking.parameter(name, value) == value
            },
            "body": {} if said.json is ABSENT else self._conditions(said.json),
        }
        return {part: values for part, values in found.items() if values}

    def _conditions(self, body: Any) -> dict[str, Any]:
        """JSONPath → value, without secrets and without any to be read as a test."""
        masked = self._masking.json(body)
        if not isinstance(body, dict) or len(body) > _CONDITIONS:
            return {"$": self._ids.keep_sent(body)} if masked == body else {}
        return {
            _path_to(name): self._ids.keep_sent(value)
            for name, value in body.items()
            if masked[name] == value and not _is_test(value)
        }

    def _answer(self, operation: Operation, reply: UpstreamReply) -> dict[str, Any]:
        response = self._declared.find_response(operation, reply.status)
        assert response  # or it would be a violation
        names = response.known_headers
        headers = {
            names[name.lower()]: self._ids.replace_answered(value)
            for name, value in (
                (n.decode("latin-1"), v.decode("latin-1")) for n, v in reply.headers
            )
            if name.lower() in names and self._masking.header(name.lower(), value) == value
        }
        answer: dict[str, Any] = {"code": reply.status}
        if headers:
            answer["headers"] = headers
        value, text = body_of(reply.text or b"")
        if value is not ABSENT:
            answer["body"] = self._ids.replace_answered(self._masking.json(value))
        elif text:
            answer["body"] = self._ids.replace_answered(self._masking.text(text))
        return answer

    def _check(self, rule: Mapping[str, Any]) -> None:
        """Raise `_LeftOut` for a rule refused by a mock."""
        try:
            read = parse_yaml(_write_yaml([rule]).encode("utf-8"))
            if read["rules"] != [rule] or not self._schema.is_valid(read):
                raise _LeftOut("that a world can't hold")
            Rules(RuleReader(self._answers, strict=True), Random(0)).add_rule(rule)
        except Invalid as error:
            raise _LeftOut(f"that a mock refuses ({error.violations[0].message})") from None
        except (ContractError, Problem, yaml.YAMLError, ValueError, RecursionError):
            raise _LeftOut("that a world can't hold") from None

    def _write(self, rules: Sequence[Mapping[str, Any]]) -> int:
        """Write the rules in their order, and return how many there are then."""
        ordered = _order_rules(rules)
        draft = self._file.with_name(f"{self._file.name}.new")
        try:
            draft.write_text(self._head + _write_yaml(ordered), encoding="utf-8")
            draft.replace(self._file)  # at once, so that a killed process leaves a whole world
        except OSError as error:
            raise BadWorld(f"can't write {self._file}: {error.strerror}") from error
        return len(ordered)


class _LeftOut(Exception):
    """Why an exchange is not recorded."""


def _write_yaml(rules: Sequence[Mapping[str, Any]]) -> str:
    dumper = _PlainDumper
    text = yaml.dump(
        {"rules": list(rules)}, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100
    )
    return str(text)


class _PlainDumper(yaml.SafeDumper):
    """A writer without anchors: a value in two places is written twice."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  # of no value
        """Return True: every value is written out, without an alias."""
        return True


def _order_rules(rules: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return rules to give each request its answers in turn, then its last one for ever."""
    series: dict[str, list[dict[str, Any]]] = {}
    for rule in rules:
        asked = {name: rule[name] for name in ("operation", "match") if name in rule}
        _add_answer(series.setdefault(json.dumps(asked, sort_keys=True), []), rule)
    # Of two rules that match, the one with more conditions must be the later one.
    ordered = sorted(series.values(), key=lambda of_one: _count_conditions(of_one[0]))
    return [rule for of_one in ordered for rule in reversed(_without_end(of_one))]


def _add_answer(series: list[dict[str, Any]], rule: Mapping[str, Any]) -> None:
    if series and series[-1]["answer"] == rule["answer"]:
        series[-1]["times"] += 1
    else:
        series.append({**rule, "times": 1})


def _without_end(series: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    last = {name: value for name, value in series[-1].items() if name != "times"}
    return [*series[:-1], last]


def _count_conditions(rule: Mapping[str, Any]) -> int:
    return sum(len(part) for part in rule.get("match", {}).values())


def _path_to(name: str) -> str:
    return f"$.{name}" if _WORD.fullmatch(name) else f"$[{json.dumps(name)}]"


def _is_test(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)).startswith("$")
