"""Tokens prove themselves, for a day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tallystick.apis.eventgrid.issued_tokens import is_genuine, issue_token, read_token

NOW = datetime(2026, 1, 31, 8, 15, 30, 500_000, tzinfo=UTC)


def is_good(text: str, secret: str = "SK", now: datetime = NOW) -> bool:
    token = read_token(text)
    return token is not None and is_genuine(token, secret, now)


def test_a_token_is_good_for_a_day() -> None:
    text, ends = issue_token("AK", "SK", NOW)
    assert ends == datetime(2026, 2, 1, 8, 15, 30, tzinfo=UTC)
    assert is_good(text)
    assert is_good(text, now=ends - timedelta(seconds=1))
    assert not is_good(text, now=ends)


def test_a_token_is_of_one_key_and_its_secret() -> None:
    text, _ = issue_token("AK", "SK", NOW)
    assert not is_good(text, secret="other")
    assert not is_good(text.replace("AK.", "OTHER."))


def test_a_token_of_a_later_end_is_not_genuine() -> None:
    text, _ = issue_token("AK", "SK", NOW)
    access_key, expires, digest = text.split(".")
    assert not is_good(f"{access_key}.{int(expires) + 1}.{digest}")


def test_an_access_key_may_have_points() -> None:
    text, _ = issue_token("a.b.c", "SK", NOW)
    token = read_token(text)
    assert token is not None
    assert token.access_key == "a.b.c"
    assert is_good(text)


@pytest.mark.parametrize(
    "text",
    ["", "dev-token", "AK.1", "AK.x.y", "AK..y", "AK.-1.y", "AK.\u0661.y", f"AK.{'9' * 99}.y"],
)
def test_another_text_is_no_token(text: str) -> None:
    assert read_token(text) is None


def test_a_digest_of_other_letters_is_refused() -> None:
    assert not is_good("AK.99999999999.\ud800é")
