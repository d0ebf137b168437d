"""Items are made, shown, changed and deleted, at three depths, each with its own parent."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.albums import ALBUMS, NOTES, SONGS, judged


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
