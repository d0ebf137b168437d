"""A client is known by its token, as long as it has its system."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventhos_world import LONG_LIVE, SECRET, World, short_live
from tallystick.apis.eventhos.exceptions import (
    ClientNotFound,
    LongLiveOnly,
    WrongSecret,
)
from tallystick.apis.eventhos.tables import clients, systems
from tallystick.apis.eventhos.tokens import digest
from tallystick.contract.exceptions import Refused, Unauthenticated


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
