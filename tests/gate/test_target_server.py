"""A run knows its server, what is known of it, and what it must not be told."""

from __future__ import annotations

from typing import Any

import pytest

from gate.stub import Stub
from tallystick.gate.configuration import BadConfiguration, Configuration
from tallystick.gate.target_server import TargetServer, places, reach, target_server

ABROAD = "https://staging.example.com"


def target(url: str = ABROAD, **told: Any) -> TargetServer:
    return target_server(Configuration(url, **told))


def test_the_dev_worlds_key_is_for_servers_on_this_machine_alone(stub: Stub) -> None:
    assert target(stub.url).server.world.credential("event_store", "key").secret
    with pytest.raises(Exception, match="TALLYSTICK_CONTRACT_EVENT_STORE_KEY"):
        target().server.world.credential("event_store", "key")


def test_a_credential_that_was_given_is_used_and_is_a_secret() -> None:
    given = target(
        credentials={"event_store.key": "hush"}, known={"eventhos.client_secret": "hush too"}
    )
    given.server.world.credential("event_store", "key")
    assert given.secrets["TALLYSTICK_CONTRACT_EVENT_STORE_KEY"] == "hush"
    assert "hush too" in given.secrets.values()


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"apis": ("parcels",)}, "unknown API parcels: choose one of charon, event_store"),
        ({"credentials": {"charon.nothing": "x"}}, "unknown credential charon.nothing"),
        ({"known": {"eventhos.nothing": "x"}}, "unknown identifier eventhos.nothing"),
    ],
)
def test_what_no_contract_knows_is_refused_with_what_there_is(
    told: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadConfiguration, match=reason):
        target(**told)


def test_a_server_that_listens_can_be_reached_whatever_it_answers(stub: Stub) -> None:
    assert reach(target(stub.url)) is None


def test_a_server_that_is_not_there_can_t_be_reached() -> None:
    with Stub().running() as stub:
        gone = target(stub.url)
    assert reach(gone) == f"{gone.server.url} can't be reached: Connection refused"


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (("charon", "GET", "/api/1/start?x=y", 418, ""), ["contract"]),
        (("event_store", "POST", "/create", 400, "{'code': 'C002'}"), ["contract", "error code"]),
        (("event_store", "POST", "/create", 400, "{'code': 'Z999'}"), ["contract"]),
        (("event_store", "GET", "/api/1/start", 200, ""), []),
        (("charon", "GET", "/nowhere", 404, ""), []),
    ],
)
def test_the_contract_s_lines_on_an_answer_are_found(
    call: tuple[str, str, str, int | None, str], says: list[str]
) -> None:
    found = list(places(*call))
    assert [place.says for place in found] == says
    assert {place.file for place in found} <= {f"openapi/{call[0]}.yaml"}


def test_an_answer_has_its_own_line_below_that_of_its_operation() -> None:
    [operation] = places("charon", "GET", "/api/1/start", None, "")
    [answer] = places("charon", "GET", "/api/1/start", 418, "")
    assert answer.line > operation.line > 1
