"""The README leads and renders wherever it is read: in the repository, on PyPI, in the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from readme_renderer import markdown

from project import PYPROJECT, REPOSITORY, ROOT, repository_path

README = (ROOT / "README.md").read_text("utf-8")
LINKS = re.findall(r'\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"', README)
PICTURES = sorted((ROOT / "docs/images").glob("*.png"))
READERS = re.compile(r"^\*\*(I .+)\*\*$", re.MULTILINE)
MOST_BYTES = 100 * 1024


def test_every_link_is_absolute() -> None:
    links = [link or source for link, source in LINKS]
    assert [link for link in links if not re.match(r"https?://", link)] == []


def test_links_into_the_repository_begin_with_the_address_of_the_project() -> None:
    links = [link or source for link, source in LINKS]
    ours = [link for link in links if "/main/" in link]
    assert ours
    assert [link for link in ours if not link.startswith(f"{REPOSITORY}/")] == []


def test_pictures_are_shown_from_their_raw_files() -> None:
    pictures = [source for _, source in LINKS if source]
    assert pictures
    for picture in pictures:
        path = repository_path(picture)
        assert path in PICTURES
        assert "/raw/" in picture


def test_pypi_shows_its_pictures_and_its_links() -> None:
    html = markdown.render(README)
    assert html
    assert html.count("<img") == README.count("<img")
    shown = set(re.findall(r'href="([^"]+)"', html))
    assert {link for link, _ in LINKS if link} <= shown


def test_it_names_the_readers_of_the_sites_tabs() -> None:
    navigation = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    _, *tabs = [title for tab in navigation for title in tab]
    assert READERS.findall(README) == tabs


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_small(picture: Path) -> None:
    assert picture.stat().st_size <= MOST_BYTES


def test_the_project_leads_to_its_repository() -> None:
    urls = PYPROJECT["project"]["urls"]
    assert urls["Changelog"] == f"{REPOSITORY}/blob/main/CHANGELOG.md"
