"""Items are made, shown, changed and deleted, at three depths, each with its own parent."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.albums import ALBUMS, NOTES, SONGS, judged, run_at
from tallystick.gate.outcome import Outcome


def test_a_server_that_keeps_items_with_their_parents_passes(tmp_path: Path) -> None:
    assert judged(tmp_path) == {ALBUMS: [], SONGS: [], NOTES: []}


@pytest.mark.parametrize(
    "fault",
    [
        "of any parent",
        "the last alone",
        "no change",
        "orphans",
        "parent too",
        "an old answer",
        "an old answer, accepted",
        "a bare answer",
    ],
)
def test_a_server_that_loses_or_mixes_up_items_fails(fault: str, tmp_path: Path) -> None:
    objections = judged(tmp_path, fault)
    assert objections[SONGS] != []
    assert objections[NOTES] != []


def test_the_rules_of_items_are_broken_at_each_depth(tmp_path: Path) -> None:
    # The server has no rules, so that each is missed.
    failed = {each.name for each in run_at(tmp_path, "rule").list_results(Outcome.FAILED)}
    for path in (f"{ALBUMS}/{{albumId}}", f"{SONGS}/{{songId}}", f"{NOTES}/{{noteId}}"):
        assert f"PATCH {path}: title maxLength is refused" in failed
