"""Targets are checked when they are saved, and their secrets are kept encrypted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from tallystick.apis.eventgrid import targets
from tallystick.apis.eventgrid.exceptions import BadValue, InvalidTarget
from tallystick.apis.eventgrid.targets import Targets
from tallystick.delivery import Addresses
from tallystick.delivery.addresses import LOOPBACK
from tallystick.encryption import Encryptor, Undecryptable

KEY = "a key of 32 characters or of even more"
URL = "http://127.0.0.1:9/hook?token=hush"


def target(url: str = URL, **more: Any) -> dict[str, Any]:
    made = {"name": "HTTP", "provider_type": "CUSTOM", "detail": {"url": url}}
    return {**made, "transform": {"type": "ORIGINAL"}, **more}


@pytest.fixture
def known() -> Targets:
    return Targets(Addresses(LOOPBACK), Encryptor([KEY]))


def sealed(known: Targets, given: Sequence[Any], kept: Sequence[Any], now_ms: int) -> str:
    return known.to_columns("s1", given, kept, now_ms)["targets"]


def test_what_was_encrypted_is_opened_with_an_id_and_times(known: Targets) -> None:
    text = sealed(known, [target()], (), 1_000)
    assert "hush" not in text
    [opened] = known.opened(text)
    assert opened["detail"] == {"url": URL}
    assert opened["created_time"] == opened["updated_time"] == "1970-01-01T00:00:01Z"
    assert len(opened["id"]) == 36


def test_targets_of_another_key_are_not_opened(known: Targets) -> None:
    text = sealed(Targets(Addresses(LOOPBACK), Encryptor([KEY[::-1]])), [target()], (), 1_000)
    with pytest.raises(Undecryptable):
        known.opened(text)


def test_targets_from_before_there_was_delivery_are_read_in_clear(known: Targets) -> None:
    assert known.opened(json.dumps([target()])) == [target()]


def test_asterisks_stand_for_the_secret_of_the_target_of_that_id(known: Targets) -> None:
    secret = {"url": URL, "password": "hush"}
    kept = known.opened(sealed(known, [target(detail=secret, id="t1")], (), 1_000))
    shown = targets.mask_target(kept[0])
    assert shown["detail"]["password"] == "******"
    [again] = known.opened(sealed(known, [shown], kept, 2_000))
    assert again["detail"]["password"] == "hush"
    with pytest.raises(BadValue, match=r"targets\.0\.detail\.password"):
        sealed(known, [{**shown, "id": "t2"}], kept, 2_000)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://10.0.0.1/", "url: "),
        ("ftp://127.0.0.1/", "url: "),
        ("http://127.0.0.1/a b", "must be percent-encoded"),
        ("http://127.0.0.1/\u00e9", "must be percent-encoded"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused(
    known: Targets, url: str, reason: str
) -> None:
    with pytest.raises(InvalidTarget, match=reason):
        sealed(known, [target(url)], (), 1_000)


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (target(id="t1"), r"targets\.1\.id belongs to another target"),
        (target(detail={"url": URL, "x": "x" * 1_024}), r"targets\.1\.detail"),
        (target(transform={"type": "VARIABLE", "value": "{"}), r"targets\.1\.transform"),
    ],
)
def test_a_target_that_can_t_work_is_refused_with_its_place(
    known: Targets, second: dict[str, Any], reason: str
) -> None:
    with pytest.raises(BadValue, match=reason):
        sealed(known, [target(id="t1"), second], (), 1_000)


def test_a_delivery_goes_to_a_target_of_one_subscription() -> None:
    found = targets.destination("s1", target(id="t1"))
    assert (found.target, found.endpoint) == ("s1-t1", "http://127.0.0.1:9")
    assert targets.key("s1", "t1") == found.target
