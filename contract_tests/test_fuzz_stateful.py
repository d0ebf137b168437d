"""Whatever was accepted, in whatever order, is in the log: once, unchanged, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from .json_text import loads
from .servers import Server
from .vectors import VectorRequest

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
_WORD = st.from_regex(r"[A-Za-z0-9_-]{3,20}", fullmatch=True)
_MESSAGE = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="<>\x00"), min_size=3, max_size=40
)


class EventLogMachine(RuleBasedStateMachine):
    """A model of the log beside the real one."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.accepted: list[tuple[str, str, Any]] = []
        self.before = self._newest()

    @rule(ty=_WORD, me=_MESSAGE, by_get=st.booleans())
    def create(self, ty: str, me: str, by_get: bool) -> None:
        fields = {"cl": "EDF", "ty": ty, "hs": "AWS", "ac": "PRODUCTION", "re": "eu-west-3"}
        fields |= {"st": "OK", "im": "MINOR", "me": me}
        reply = self._send("event_store", "key", "/create", fields, by_get)
        assert reply["statusCode"] == 200, reply
        self.accepted.append(("event_store", ty, fields))

    @rule(value=_JSON)
    def send(self, value: Any) -> None:
        identifier = "quiet-bomb-0000000000"
        path = f"/event/send?event-identifier={identifier}"
        reply = self._send("eventhos", "token", path, value)
        assert reply["code"] == 200310, reply
        self.accepted.append(("eventhos", identifier, value))

    @rule(title=_MESSAGE, properties=st.dictionaries(_WORD, st.text(max_size=20), max_size=3))
    def ingest(self, title: str, properties: Mapping[str, str]) -> None:
        event = {"eventType": "CUSTOM_INFO", "title": title, "properties": properties}
        reply = self._send("keyastrom", "token", "/api/v2/events/ingest", event)
        assert reply["eventIngestResults"][0]["status"] == "OK", reply
        self.accepted.append(("keyastrom", "CUSTOM_INFO", event))

    @rule()
    def refused(self) -> None:
        assert self._send("event_store", "key", "/create", {"cl": "x"})["code"] == "C002"

    @invariant()
    def every_accepted_event_is_in_the_log_newest_first(self) -> None:
        stored = self._page(f"?limit={len(self.accepted) + 1}")
        newest = stored[: len(self.accepted)]
        assert [_summary(event) for event in newest] == list(reversed(self.accepted))
        if len(stored) > len(self.accepted):
            assert stored[-1]["id"] == self.before

    @rule()
    def fetch_one(self) -> None:
        for event in self._page("?limit=1"):
            assert self._gateway(f"/{event['id']}") == event

    def _newest(self) -> str | None:
        page = self._page("?limit=1")
        return page[0]["id"] if page else None

    def _page(self, query: str) -> list[dict[str, Any]]:
        return self._gateway(query)["events"]  # type: ignore[no-any-return]

    def _gateway(self, rest: str) -> Any:
        key = self.server.world.credential("gateway", "key")
        reply = self.server.client.get(f"/gateway/v1/events{rest}", **{key.name: key.secret})
        assert reply.status == 200, reply
        return loads(reply.body)

    def _send(
        self, api: str, credential: str, path: str, value: Any, by_get: bool = False
    ) -> dict[str, Any]:
        key = self.server.world.credential(api, credential)
        if by_get:
            request = VectorRequest("GET", path + "?" + _query(value), ((key.name, key.secret),))
            reply = self.server.client.send(request)
        else:
            reply = self.server.client.post(path, value, (key.name, key.secret))
        answer = loads(reply.body)
        assert isinstance(answer, dict)
        return answer


def _query(fields: Mapping[str, str]) -> str:
    return urlencode(fields)


def _summary(event: Mapping[str, Any]) -> tuple[str, str, Any]:
    return event["source"].split("/")[1], event["type"], event["data"]


def test_every_accepted_event_is_in_the_log_in_any_order_of_calls(
    server: Server, connexion: bool
) -> None:
    if connexion:
        pytest.skip("the log is the same under unmodified Connexion")
    EventLogMachine.server = server
    run_state_machine_as_test(
        EventLogMachine,
        settings=settings(
            max_examples=100,
            stateful_step_count=12,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
