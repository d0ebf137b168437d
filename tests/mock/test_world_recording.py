"""What passes a proxy becomes a world, and a mock replays it."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess, NotStarted
from tallystick.mock.stable_ids import StableIds

KEY = {"x-api-key": "XXX1XX12XxxxXXxxXXx0xXxx"}
CHARON = {"X-API-Key": "charon-dev-key"}
EVENT = {"cl": "EDF", "ty": "START_EC2", "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
EVENT |= {"st": "OK", "me": "Operation successful"}


@contextmanager
def running(command: str, *options: str) -> Iterator[Tallystick]:
    process = MockProcess(*options, command=command)
    try:
        yield Tallystick(process.url)
    finally:
        process.stop()


@contextmanager
def recording(upstream: Tallystick, file: Path) -> Iterator[Tallystick]:
    with running("proxy", "--upstream", upstream.url, "--record", str(file)) as proxy:
        yield proxy


def create(mock: Tallystick, **members: Any) -> requests.Response:
    return requests.post(f"{mock.url}/create", json={**EVENT, **members}, headers=KEY, timeout=10)


def recorded(file: Path) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = yaml.safe_load(file.read_text(encoding="utf-8"))["rules"]
    return rules


def test_a_mock_replays_what_passed(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    with running("mock") as upstream, recording(upstream, world) as proxy:
        first = create(proxy, me="éà \u2028 ü").json()
        upstream.fail_next("createEvent", 503)
        assert create(proxy, cl="GAS").status_code == 503
        assert create(proxy, cl="GAS").status_code == 200
        assert create(proxy, cl="GAS").status_code == 200
        assert create(proxy, cl="x").status_code == 400
        requests.get(f"{proxy.url}/nowhere?token=secret", timeout=10)

    assert "XXX1XX12" not in world.read_text(encoding="utf-8")
    with running("mock", "--world", str(world)) as mock:
        answer = create(mock, me="éà \u2028 ü").json()
        assert answer == {**first, "id": answer["id"]}
        assert [create(mock, cl="GAS").status_code for _ in range(3)] == [503, 200, 200]
        assert [request.rule for request in mock.requests].count(None) == 0


def test_two_recordings_of_one_run_are_equal(tmp_path: Path) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "other.yaml"]
    with running("mock") as upstream:
        for file in files:
            upstream.reset()
            with recording(upstream, file) as proxy:
                create(proxy)
                create(proxy, me="another")
    one, other = (recorded(file) for file in files)

    assert one == other
    assert one[0]["answer"]["body"]["id"].startswith("00000000-0000-7000-8000-00000000000")


def test_what_a_mock_could_not_replay_is_left_out_and_counted(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    with running("mock") as upstream:
        process = MockProcess("--upstream", upstream.url, "--record", str(world), command="proxy")
        requests.get(f"{process.url}/nowhere", timeout=10)
        create(Tallystick(process.url), cl="x")
        process.stop()

    assert recorded(world) == []
    said = f"recorded 0 rules in {world}; left out: 1 outside the contract; 1 with violations\n"
    assert [line for line in process._said.splitlines(True) if "recorded" in line] == [said]


def test_a_killed_proxy_leaves_what_passed_before(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    with running("mock") as upstream:
        process = MockProcess("--upstream", upstream.url, "--record", str(world), command="proxy")
        create(Tallystick(process.url), me="one")
        wait_until(lambda: len(recorded(world)) == 1)
        create(Tallystick(process.url), me="other")
        wait_until(lambda: len(recorded(world)) == 2)
        process._process.kill()
        process.stop()

    assert [rule["operation"] for rule in recorded(world)] == ["createEvent"] * 2
    assert [file.name for file in tmp_path.iterdir()] == ["world.yaml"]


def test_a_link_stays_and_what_is_no_file_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(tmp_path / "world.yaml")
    with running("mock") as upstream, recording(upstream, link) as proxy:
        create(proxy)
    assert link.is_symlink()
    assert len(recorded(tmp_path / "world.yaml")) == 1
    with pytest.raises(NotStarted, match=r"can't write .*it is not a file"):
        MockProcess("--upstream", "http://127.0.0.1:1", "--record", os.devnull, command="proxy")


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_file_that_can_not_be_written_is_told_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "none" / "world.yaml"
    with pytest.raises(NotStarted, match=r"can't write .*No such file"):
        MockProcess("--upstream", "http://127.0.0.1:1", "--record", str(file), command="proxy")


ODD = [
    b'"\\ud800"',
    b'{"cl": "\\ud800", "me": "\\u0000\\u0085\\ufeff"}',
    b"[" * 500 + b"]" * 500,
    b'{"a": 1e400, "b": 123456789012345678901234567890, "c": [null, true, -0.0]}',
    b'{"$regex": "x", "a b": {"$exists": true}, "": "", "\'\\"\\\\": 1}',
    b"",
    b"\xff\x00",
    b'{"me": "' + b"x" * 1_000_000 + b'"}',
]


def test_odd_requests_leave_a_world_that_can_be_read(tmp_path: Path) -> None:
    world = tmp_path / "world.yaml"
    with running("mock") as upstream:
        upstream.rule(operation="createEvent", answer={"code": 200})
        with recording(upstream, world) as proxy:
            create(proxy)
            headers = {**KEY, "Content-Type": "application/json"}
            for body in ODD:
                requests.post(f"{proxy.url}/create", body, headers=headers, timeout=10)
            requests.get(f"{proxy.url}/create?cl=%FF%00&cl=2&=&x", headers=KEY, timeout=10)
    with running("mock", "--world", str(world)) as mock:
        assert create(mock).status_code == 200


def test_ids_of_answers_are_numbered_and_the_callers_own_stay() -> None:
    ids = StableIds()
    own, made = "0b0a1c5e-3f5e-4f7a-9d7e-1f2a3b4c5d6e", "019AA5B1-6d00-7c2e-8d1f-3b0a5f7c9e21"
    stable = "00000000-0000-7000-8000-000000000001"

    assert ids.keep_sent({"own": own}) == {"own": own}
    answered = ids.replace_answered({made: [f"/events/{made.lower()}", own, 7, None]})
    assert answered == {stable: [f"/events/{stable}", own, 7, None]}
    assert ids.keep_sent(f"x {made}") == f"x {stable}"
    assert json.dumps(ids.replace_answered(f"{made}0")) == json.dumps(f"{made}0")
