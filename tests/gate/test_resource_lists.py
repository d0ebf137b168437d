"""Lists have each item once, by filters, within their limit, and over their pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.albums import ALBUMS, NOTES, SONGS, WAYS, judged


@pytest.mark.parametrize("way", WAYS)
def test_a_server_with_pages_passes(way: str, tmp_path: Path) -> None:
    assert judged(tmp_path, way=way) == {ALBUMS: [], SONGS: [], NOTES: []}


@pytest.mark.parametrize(
    "fault",
    [
        "a ghost",
        "twice",
        "not the newest",
        "one more",
        "no list",
        *(f"any {name}" for name in ("genre", "live", "title", "plays")),
        *(f"no {name}" for name in ("genre", "live", "title", "plays")),
    ],
)
def test_a_server_whose_list_is_wrong_fails(fault: str, tmp_path: Path) -> None:
    assert judged(tmp_path, fault)[SONGS] != []


@pytest.mark.parametrize("way", ["offset", "cursor", "link"])
@pytest.mark.parametrize("fault", ["a page overlaps", "a page loses one", "always the first"])
def test_a_server_whose_pages_do_not_fit_fails(fault: str, way: str, tmp_path: Path) -> None:
    objection, *_ = judged(tmp_path, fault, way)[SONGS]
    assert "page" in objection


@pytest.mark.parametrize("way", ["cursor", "link"])
def test_a_server_whose_last_page_does_not_end_fails(way: str, tmp_path: Path) -> None:
    [objection] = judged(tmp_path, "no end", way)[SONGS]
    assert "goes on after its last element" in objection
