from __future__ import annotations

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhos_world import CLOCK, LONG_LIVE, SECRET, SIGNER, World, short_live
from tallystick.apis.eventhos import dev_world, signing_key
from tallystick.apis.eventhos.exceptions import (
    ClientNotFound,
    EventNotFound,
    LongLiveOnly,
    WrongSecret,
)
from tallystick.apis.eventhos.tables import clients, contracts, events, systems
from tallystick.apis.eventhos.tokens import EventhosTokens, digest
from tallystick.contract.exceptions import Refused, Unauthenticated

RECEIVED = {"code": 200000, "message": "success"}
NO_CONTRACTS = {"code": 200310, "message": "Success, but no contracts exists for this event"}


def test_a_short_live_token_names_its_client(world: World) -> None:
    world.open()
    assert world.caller(short_live())["sub"] == "bomber"


def test_a_long_live_token_names_its_client(world: World) -> None:
    world.change(clients, token_digest=digest(LONG_LIVE))
    world.open()
    assert world.caller(LONG_LIVE)["sub"] == "bomber"


@pytest.mark.parametrize("held", [None, digest("a newer one")])
def test_a_long_live_token_that_its_client_no_longer_holds_is_incorrect(
    world: World, held: str | None
) -> None:
    world.change(clients, token_digest=held)
    world.open()
    assert world.refusal(LONG_LIVE) is Unauthenticated


def test_a_client_with_a_long_live_token_has_no_short_live_ones(world: World) -> None:
    world.change(clients, token_digest=digest(LONG_LIVE))
    service = world.open()
    assert world.refusal(short_live()) is LongLiveOnly
    with pytest.raises(LongLiveOnly):
        service.create_token("bomber", SECRET)
    with pytest.raises(WrongSecret):
        service.create_token("bomber", "another")


@pytest.mark.parametrize("column", ["revoked", "deleted"])
@pytest.mark.parametrize("held", [None, digest(LONG_LIVE)])
def test_a_revoked_or_deleted_client_is_not_found(
    world: World, column: str, held: str | None
) -> None:
    world.change(clients, token_digest=held, **{column: 1})
    service = world.open()
    assert world.refusal(short_live()) is ClientNotFound
    assert world.refusal(LONG_LIVE) is ClientNotFound
    with pytest.raises(ClientNotFound):
        service.create_token("bomber", SECRET)


@pytest.mark.parametrize("change", [{"client_id": None}, {"deleted": 1}])
def test_a_client_of_no_system_gets_a_token_and_can_send_nothing(
    world: World, change: dict[str, object]
) -> None:
    world.change(systems, **change)
    service = world.open()
    token = service.create_token("bomber", SECRET)["content"]["jwt_token"]
    assert world.refusal(token) is ClientNotFound


@pytest.mark.parametrize("name", ["nobody", "", "\0", "BOMBER", "x" * 1000])
def test_a_client_that_nobody_made_is_not_found(world: World, name: str) -> None:
    world.open()
    assert world.refusal(short_live(name)) is ClientNotFound


@given(text=st.text())
def test_any_text_as_access_key_is_refused_and_nothing_else_happens(
    open_world: World, text: str
) -> None:
    assert open_world.refusal(text) is Unauthenticated


@given(client_id=st.text(), secret=st.text())
def test_any_texts_as_credentials_are_refused_and_nothing_else_happens(
    open_world: World, client_id: str, secret: str
) -> None:
    for client in (client_id, "bomber"):
        with pytest.raises(Refused):
            open_world.service.create_token(client, secret)


def test_a_revocation_counts_at_once_though_the_token_was_seen(world: World) -> None:
    world.open()
    assert world.refusal(short_live()) is None
    world.change(clients, revoked=1)
    world.pass_seconds(1)
    assert world.refusal(short_live()) is ClientNotFound


def test_an_event_without_contracts_is_received_and_says_so(world: World) -> None:
    world.open()
    assert world.send("bomb", short_live()) == NO_CONTRACTS


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, RECEIVED),
        ({"active": False}, NO_CONTRACTS),
        ({"deleted": 1}, NO_CONTRACTS),
    ],
)
def test_only_active_contracts_count(
    world: World, change: dict[str, object], answer: dict[str, object]
) -> None:
    world.open()
    world.tie("bomb", "tallystick:sink")
    world.change(contracts, **(change or {"active": True}))
    world.open()
    assert world.send("bomb", short_live()) == answer


def test_a_sent_event_is_in_the_log(world: World) -> None:
    world.open()
    world.send("bomb", short_live(), b' {"n": 1.10}')
    [event], _ = world.run(world.log.list_events(api="eventhos"))
    assert (event.source, event.type, event.data) == ("/eventhos/plane", "bomb", b' {"n": 1.10}')


def test_an_unknown_or_deleted_event_does_not_exist(world: World) -> None:
    service = world.open()
    for identifier in ("", "BOMB", "bomb\n", "\0"):
        with pytest.raises(EventNotFound):
            service.find_event(identifier, {"sub": "bomber"})
    world.change(events, deleted=1)
    world.pass_seconds(1)
    with pytest.raises(EventNotFound):
        service.find_event("bomb", {"sub": "bomber"})


def test_an_event_of_a_deleted_system_does_not_exist(world: World) -> None:
    world.change(systems, deleted=1)
    with pytest.raises(EventNotFound):
        world.open().find_event("bomb", {"sub": "bomber"})


def test_an_event_of_anothers_system_is_not_for_this_token(world: World) -> None:
    service = world.open()
    with pytest.raises(Unauthenticated):
        service.find_event("bomb", {"sub": "somebody"})


def test_the_signing_key_is_made_once_and_kept(world: World) -> None:
    service = world.open(eventhos_jwt_key=None)
    token = service.create_token("bomber", SECRET)["content"]["jwt_token"]
    world.open(eventhos_jwt_key=None)
    assert world.caller(token)["sub"] == "bomber"
    assert world.refusal(short_live()) is Unauthenticated


def test_the_dev_world_is_restored_at_each_start(world: World) -> None:
    world.open(dev=True)
    made = dev_world.tokens(SIGNER)
    world.change(events, deleted=1, name="changed")
    world.change(clients, revoked=1, token_digest=None)
    world.change(contracts, active=False)
    world.open(dev=True)
    assert world.send(dev_world.EVENT, made.short_live) == RECEIVED
    assert world.send(dev_world.QUIET_EVENT, made.short_live) == NO_CONTRACTS
    assert world.send(dev_world.LONG_LIVE_EVENT, made.long_live) == NO_CONTRACTS
    assert world.refusal(made.short_live_of_long_live_client) is LongLiveOnly
    assert world.refusal(made.revoked) is ClientNotFound


def test_without_dev_nobody_is_let_in_with_what_everybody_knows(world: World) -> None:
    world.open(dev=True)
    service = world.open(dev=False)
    assert world.refusal(dev_world.tokens(SIGNER).short_live) is ClientNotFound
    with pytest.raises(ClientNotFound):
        service.create_token(dev_world.CLIENT, dev_world.SECRET)
    assert world.refusal(short_live()) is None


def test_without_a_key_of_its_own_the_dev_world_has_the_same_tokens_everywhere(
    world: World,
) -> None:
    made = dev_world.tokens(EventhosTokens(signing_key.DEV_KEY, CLOCK))
    lines = world.open(dev=True, eventhos_jwt_key=None).samples("http://127.0.0.1:8080")
    shown = "\n".join(line.curl for line in lines)
    assert all(token in shown for token in astuple(made))
