"""The dev world has what everybody knows, and with --dev alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jwt
import pytest

from eventhos_world import CLOCK, SIGNER, World, short_live
from tallystick.apis.eventhos import dev_world, signatures, signing_key
from tallystick.apis.eventhos.exceptions import (
    ClientNotFound,
    LongLiveOnly,
)
from tallystick.apis.eventhos.tables import clients, contracts, events
from tallystick.apis.eventhos.tokens import EventhosTokens

RECEIVED = {"code": 200000, "message": "success"}
NO_CONTRACTS = {"code": 200310, "message": "Success, but no contracts exists for this event"}


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
    made = dev_world.PUBLIC_TOKENS
    lines = world.open(dev=True, eventhos_jwt_key=None).samples("http://127.0.0.1:8080")
    shown = "\n".join(line.curl for line in lines)
    assert all(f"'access-key: {token}'" in shown for token in made)
    assert world.send(dev_world.LONG_LIVE_EVENT, made.long_live) == NO_CONTRACTS
    assert world.refusal(made.revoked) is ClientNotFound


def test_the_noted_tokens_are_those_of_the_dev_world_s_own_key() -> None:
    signed = dev_world.tokens(EventhosTokens(signing_key.DEV_KEY, CLOCK))
    for token, noted in zip(signed, dev_world.PUBLIC_TOKENS, strict=True):
        claims = signatures.read_signed(noted, signing_key.DEV_KEY)
        assert claims == signatures.read_signed(token, signing_key.DEV_KEY)


def test_the_dev_world_s_tokens_are_the_same_whatever_letters_are_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sign_otherwise(claims: Mapping[str, Any], key: bytes) -> str:
        return jwt.encode({**claims, "later": 1}, key, "HS256", {"later": 1})

    monkeypatch.setattr(signatures, "sign", sign_otherwise)
    lines = world.open(dev=True, eventhos_jwt_key=None).samples("http://127.0.0.1:8080")
    shown = "\n".join(line.curl for line in lines)
    assert f"'access-key: {dev_world.PUBLIC_TOKENS.long_live}'" in shown
    assert world.send(dev_world.LONG_LIVE_EVENT, dev_world.PUBLIC_TOKENS.long_live) == NO_CONTRACTS
