"""A connection needs what its type needs, and shows no secret."""

from __future__ import annotations

import pytest

from tallystick.apis.eventgrid import connection_details
from tallystick.apis.eventgrid.connection_details import (
    MASK,
    MAX_DETAIL,
    refuse_incomplete,
    refuse_large,
)
from tallystick.apis.eventgrid.exceptions import BadValue

RABBIT = {
    "instance_id": "i",
    "user_name": "u",
    "password": "p",
    "vhost_name": "v",
    "queue_name": "q",
}


def test_an_application_needs_nothing() -> None:
    refuse_incomplete("APPLICATION", None)


@pytest.mark.parametrize("name", ["instance_id", "queue_name"])
def test_each_member_that_a_type_needs_is_asked_for(name: str) -> None:
    refuse_incomplete("RABBITMQ", RABBIT)
    with pytest.raises(BadValue, match=rf"detail\.{name} is missing"):
        refuse_incomplete("RABBITMQ", {**RABBIT, name: ""})


def test_a_rabbitmq_source_needs_its_instance_and_its_queue_alone() -> None:
    refuse_incomplete("RABBITMQ", {"instance_id": "i", "queue_name": "q", "password": None})


@pytest.mark.parametrize("name", ["group", "topic"])
def test_a_rocketmq_source_needs_its_group_and_its_topic_alone(name: str) -> None:
    needed = {"group": "g", "topic": "t"}
    refuse_incomplete("ROCKETMQ", needed)
    with pytest.raises(BadValue, match=rf"detail\.{name} is missing"):
        refuse_incomplete("ROCKETMQ", {**needed, name: ""})


def test_asterisks_are_no_password_of_a_new_source() -> None:
    with pytest.raises(BadValue, match="must be the secret itself"):
        refuse_incomplete("RABBITMQ", {**RABBIT, "password": MASK})


def test_a_detail_is_measured_in_bytes_of_json() -> None:
    refuse_large("x" * (MAX_DETAIL - 2), "detail")
    for large in ("x" * (MAX_DETAIL - 1), "é" * (MAX_DETAIL // 2)):
        with pytest.raises(BadValue, match="at most 1024 bytes"):
            refuse_large(large, "detail")


def test_secrets_are_hidden_at_any_depth() -> None:
    shown = connection_details.mask_secrets(
        {"a": [{"password": "x", "b": 1}], "secret_key": "y", "password": None}
    )
    assert shown == {
        "a": [{"password": "******", "b": 1}],
        "secret_key": "******",
        "password": None,
    }


def test_asterisks_stand_for_the_secret_that_is_kept() -> None:
    kept = connection_details.with_kept_secrets(
        {"password": "******", "n": 1}, {"password": "x", "o": 2}
    )
    assert kept == {"password": "x", "n": 1}


def test_asterisks_for_no_secret_are_refused() -> None:
    with pytest.raises(BadValue, match=r"detail\.password"):
        connection_details.refuse_incomplete("APPLICATION", {"password": "******"})
