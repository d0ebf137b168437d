"""A key has scopes that its API knows, and an end that is still to come."""

from __future__ import annotations

import pytest

from tallystick.apis.key_terms import (
    UnfitExpiry,
    UnfitScopes,
    parse_expiry,
    refuse_unfit_scopes,
)
from tallystick.contract.document import Document, read_api, read_documents

NOW = 1_764_064_800_000  # 2025-11-25T10:00:00Z
DAY = 24 * 60 * 60 * 1000
LAST = "9999-12-31T23:59:59-14:00"


@pytest.mark.parametrize("document", read_documents(), ids=lambda document: document.api)
def test_every_scope_of_an_api_is_one_that_a_key_can_have(document: Document) -> None:
    refuse_unfit_scopes(document, list(document.scopes))
    refuse_unfit_scopes(document, ["*"])


def test_an_unknown_scope_is_refused_with_the_choice() -> None:
    with pytest.raises(UnfitScopes) as refusal:
        refuse_unfit_scopes(read_api("charon"), ["crons:read", "events.ingest"])
    assert str(refusal.value) == (
        "events.ingest is not a scope of charon: "
        "choose of crons:read, executions:write, or * for all"
    )


def test_a_key_without_a_scope_is_refused_with_the_choice() -> None:
    with pytest.raises(UnfitScopes) as refusal:
        refuse_unfit_scopes(read_api("event_store"), [])
    assert str(refusal.value) == (
        "a key of event_store needs a scope, one or more of events:write, or * for all"
    )


@pytest.mark.parametrize(
    ("text", "expires"),
    [
        ("90d", NOW + 90 * DAY),
        ("1m", NOW + 60_000),
        ("12h", NOW + DAY // 2),
        ("2w", NOW + 14 * DAY),
        ("2025-11-26", NOW + 14 * DAY // 24),
        ("2025-11-25T12:00:00+01:00", NOW + DAY // 24),
    ],
)
def test_an_end_is_a_time_or_a_duration(text: str, expires: int) -> None:
    assert parse_expiry(text, NOW) == expires


@pytest.mark.parametrize(
    "text",
    ["", "90", "d", "0d", "-1d", "1y", "100000d", "tomorrow", "2026-02-30", "9999-99", LAST],
)
def test_what_is_neither_is_refused(text: str) -> None:
    with pytest.raises(UnfitExpiry, match="must be a time such as"):
        parse_expiry(text, NOW)


@pytest.mark.parametrize("text", ["2025-11-25", "2025-11-25T10:00:00Z"])
def test_an_end_that_is_past_is_refused(text: str) -> None:
    with pytest.raises(UnfitExpiry, match="is past"):
        parse_expiry(text, NOW)
