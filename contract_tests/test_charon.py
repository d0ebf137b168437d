"""Executions of crons, from their start to their end, and what is seen of them."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest
from .wire import WireReply

SAID = {"message": "été €", "type": "info"}
DONE = {"message": "done", "type": "success", "success": True}


@dataclass(frozen=True, slots=True)
class Charon:
    """Charon's own calls and the gateway's, at one server."""

    server: Server

    def call(self, method: str, path: str, value: Any = None) -> WireReply:
        name = "gateway" if path.startswith("/gateway") else "key"
        key = self.server.world.credential("charon", name)
        pair = (key.name, key.secret)
        if value is None:
            return self.server.client.send(VectorRequest(method, path, (pair,)))
        headers = (("Content-Type", "application/json"), pair)
        return self.server.client.send(
            VectorRequest(method, path, headers, json.dumps(value).encode())
        )

    def get(self, path: str) -> Any:
        reply = self.call("GET", path)
        assert reply.status == 200, reply
        return loads(reply.body)

    def start(self, cron: Any) -> int:
        return int(self.get(f"/api/{cron['id']}/start")["id"])

    def executions(self, cron: Any, query: str = "") -> Any:
        return self.get(f"/gateway/v1/crons/{cron['slug']}/executions{query}")

    def state(self, cron: Any) -> str:
        return str(self.get(f"/gateway/v1/crons/{cron['slug']}")["state"])

    def open_executions(self, cron: Any) -> int:
        return int(self.get(f"/gateway/v1/crons/{cron['slug']}")["openExecutions"])

    def changes(self, cron: Any) -> list[str]:
        """The states that the log tells of, the oldest first."""
        page = self.get(f"/gateway/v1/events?api=charon&source=/charon/{cron['slug']}")
        types = [event["type"] for event in reversed(page["events"])]
        return [t.removeprefix("charon.cron.") for t in types if t.startswith("charon.cron.")]

    def make(self, **terms: Any) -> Any:
        reply = self.call("POST", "/gateway/v1/crons", {"slug": f"c-{uuid.uuid4()}", **terms})
        assert reply.status == 201, reply
        return loads(reply.body)


@pytest.fixture
def charon(server: Server) -> Charon:
    return Charon(server)


@pytest.fixture
def cron(charon: Charon) -> Iterator[Any]:
    """A cron of the test's own, without a schedule."""
    made = charon.make()
    yield made
    charon.call("DELETE", f"/gateway/v1/crons/{made['slug']}")


def test_an_execution_starts_says_something_and_ends(charon: Charon, cron: Any) -> None:
    asked = charon.get(f"/api/{cron['slug']}/can-start")
    assert asked == {"canStart": True, "id": cron["id"], "slug": cron["slug"]}
    execution = charon.start(cron)
    assert charon.open_executions(cron) == 1
    said = loads(charon.call("POST", f"/api/{execution}/message", SAID).body)
    ended = charon.call("POST", f"/api/{execution}/end", DONE)
    assert (ended.status, loads(ended.body)) == (200, {"id": execution})
    late = loads(charon.call("POST", f"/api/{execution}/message", SAID).body)

    [shown] = charon.executions(cron)["executions"]
    assert shown["id"] == execution
    assert (shown["state"], shown["success"]) == ("succeeded", True)
    assert shown["durationMs"] >= 0
    assert [m["message"] for m in shown["messages"]] == ["été €", "done", "été €"]
    assert [m["type"] for m in shown["messages"]] == ["info", "success", "info"]
    assert [shown["messages"][n]["id"] for n in (0, 2)] == [said["id"], late["id"]]
    assert charon.open_executions(cron) == 0
    assert charon.changes(cron) == []


def test_an_execution_ends_once(charon: Charon, cron: Any) -> None:
    execution = charon.start(cron)
    charon.call("POST", f"/api/{execution}/end", DONE | {"success": False})
    again = charon.call("POST", f"/api/{execution}/end", DONE)
    assert again.status == 409
    assert loads(again.body) == {"code": 409, "message": "L'exécution est déjà terminée."}
    assert charon.state(cron) == "failed"


def test_a_message_has_65536_characters_at_most(charon: Charon, cron: Any) -> None:
    path = f"/api/{charon.start(cron)}/message"
    assert charon.call("POST", path, {"message": "é" * 65_536, "type": "info"}).status == 200
    long = charon.call("POST", path, {"message": "é" * 65_537, "type": "info"})
    assert long.status == 422
    assert "au maximum 65536 caractères" in loads(long.body)["violations"][0]["message"]
    end = charon.call("POST", path.replace("message", "end"), DONE | {"message": "é" * 65_537})
    assert end.status == 422


@pytest.mark.parametrize("text", ["", "a\nb\n", "\0", "😀"])
def test_a_message_is_kept_as_it_was_sent(charon: Charon, cron: Any, text: str) -> None:
    said = charon.call(
        "POST", f"/api/{charon.start(cron)}/message", {"message": text, "type": "error"}
    )
    assert said.status == 200
    assert charon.executions(cron)["executions"][0]["messages"][0]["message"] == text


def test_parallel_starts_are_executions_of_their_own(charon: Charon, cron: Any) -> None:
    with ThreadPoolExecutor(8) as threads:
        started = list(threads.map(charon.start, [cron] * 8))
    assert len(set(started)) == 8


def test_of_parallel_starts_that_must_not_overlap_one_starts(charon: Charon) -> None:
    alone = charon.make(overlap=False)
    path = f"/api/{alone['id']}/start"
    with ThreadPoolExecutor(8) as threads:
        replies = list(threads.map(lambda _: charon.call("GET", path), range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [409] * 7
    refused = next(reply for reply in replies if reply.status == 409)
    message = "Une exécution du cron est déjà en cours."
    assert loads(refused.body) == {"code": 409, "message": message}
    execution = next(loads(reply.body)["id"] for reply in replies if reply.status == 200)
    charon.call("POST", f"/api/{execution}/end", DONE)
    assert charon.call("GET", path).status == 200


def test_head_starts_nothing(charon: Charon, cron: Any) -> None:
    assert charon.call("HEAD", f"/api/{cron['id']}/start").status == 405
    assert charon.executions(cron)["executions"] == []


def test_a_cron_is_paused_and_goes_on(charon: Charon, cron: Any) -> None:
    path = f"/gateway/v1/crons/{cron['slug']}"
    paused = loads(charon.call("PATCH", path, {"active": False}).body)
    assert (paused["active"], paused["state"]) == (False, "paused")
    assert charon.call("GET", f"/api/{cron['id']}/start").status == 418
    assert charon.get(f"/api/{cron['slug']}/can-start")["canStart"] is False
    charon.call("PATCH", path, {"active": True})
    charon.start(cron)
    assert charon.changes(cron) == ["paused", "on_time"]


def test_an_execution_that_takes_too_long_overruns(charon: Charon) -> None:
    quick = charon.make(maxRuntime=1, overlap=False)
    charon.start(quick)
    deadline = time.monotonic() + 10
    while charon.state(quick) != "overrun" and time.monotonic() < deadline:
        time.sleep(0.05)
    assert charon.changes(quick) == ["overrun"]
    execution = charon.start(quick)
    charon.call("POST", f"/api/{execution}/end", DONE)
    assert charon.state(quick) == "on_time"


def test_an_execution_that_is_alive_renews_its_lease_until_it_ends(
    charon: Charon, cron: Any
) -> None:
    execution = charon.start(cron)
    renewed = charon.call("POST", f"/api/{execution}/lease", {"seconds": 45})
    assert (renewed.status, loads(renewed.body)) == (200, {"id": execution})
    charon.call("POST", f"/api/{execution}/end", DONE | {"exitCode": 0})
    [shown] = charon.executions(cron)["executions"]
    assert (shown["state"], shown["exitCode"]) == ("succeeded", 0)
    assert charon.call("POST", f"/api/{execution}/lease", {"seconds": 45}).status == 409


def test_an_execution_that_is_abandoned_unlocks_its_cron(charon: Charon) -> None:
    alone = charon.make(overlap=False)
    execution = charon.start(alone)
    path = f"/gateway/v1/crons/{alone['slug']}/executions/{execution}/end"
    ended = charon.call("POST", path, {"outcome": "abandoned", "message": "rebooted"})
    shown = loads(ended.body)
    assert (ended.status, shown["state"], shown["success"]) == (200, "abandoned", None)
    assert charon.call("POST", path, {"outcome": "failed"}).status == 409
    assert charon.state(alone) == "on_time"
    charon.start(alone)


def test_executions_come_page_by_page_newest_first(charon: Charon, cron: Any) -> None:
    started = [charon.start(cron) for _ in range(5)]
    found, cursor = [], ""
    for _ in range(5):
        page = charon.executions(cron, f"?limit=2{cursor}")
        found += [execution["id"] for execution in page["executions"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == started[::-1]


def test_the_newest_messages_are_shown_and_all_are_counted(charon: Charon, cron: Any) -> None:
    execution = charon.start(cron)
    for number in range(4):
        said = {"message": str(number), "type": "info"}
        charon.call("POST", f"/api/{execution}/message", said)
    [shown] = charon.executions(cron, "?messages=2")["executions"]
    assert [message["message"] for message in shown["messages"]] == ["2", "3"]
    assert shown["messageCount"] == 4


def test_a_deleted_cron_is_gone_with_its_executions(charon: Charon, cron: Any) -> None:
    execution = charon.start(cron)
    path = f"/gateway/v1/crons/{cron['slug']}"
    assert charon.call("DELETE", path).status == 204
    assert charon.call("GET", path).status == 404
    assert charon.call("GET", f"/api/{cron['id']}/start").status == 404
    assert charon.call("POST", f"/api/{execution}/end", DONE).status == 404
    assert charon.make()["id"] > cron["id"]
