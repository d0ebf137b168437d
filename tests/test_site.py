"""The site of the pages: complete, as GitHub shows them, and on its own."""

from __future__ import annotations

import json
import os
import posixpath
import re
import subprocess
import tarfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt
from playwright.sync_api import Browser

from project import ROOT, repository_path

TOOLS = ROOT / "build/docs-venv/bin"
NAVIGATION = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
OF_THE_ROOT = {
    "index.md": "README.md",
    "architecture.md": "ARCHITECTURE.md",
    "changelog.md": "CHANGELOG.md",
    "contributing/index.md": "CONTRIBUTING.md",
    "security.md": "SECURITY.md",
}
ELEMENTS = re.compile(r"<(h[1-6]|li|ol|ul|pre|tr|img)\b")
LINKS = re.compile(r'\b(?:href|src|srcset)="?([^"\s>]+)')
LOADED = re.compile(r'<(?:script|img|source|iframe|link rel="stylesheet")[^>]*"https?:[^>]*>')


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as a release adds it to its branch: a folder a version."""
    if not (TOOLS / "mike").exists():
        pytest.skip("the site is NOT tested: this needs `make docs`")
    repository = tmp_path_factory.mktemp("repository")
    _git(repository, "init", "--quiet")
    _git(repository, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    deploy = [f"{TOOLS}/mike", "deploy", "-F", f"{ROOT}/mkdocs.yml", "-b", "pages"]
    path = f"{TOOLS}:{os.environ['PATH']}"
    environment = {**os.environ, **NAME, "PATH": path}
    subprocess.run([*deploy, "0.1", "latest"], cwd=repository, env=environment, check=True)
    folder = tmp_path_factory.mktemp("versions")
    with tarfile.open(fileobj=BytesIO(_git(repository, "archive", "pages"))) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def site(versions: Path) -> Path:
    """The folder of one version."""
    return versions / "0.1"


@pytest.fixture
def site_url(versions: Path) -> Iterator[str]:
    """The address of the newest version."""
    handler = partial(_SilentHandler, directory=str(versions))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/latest"
        server.shutdown()


def test_every_page_is_in_the_navigation() -> None:
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert Counter(_pages(NAVIGATION)) == Counter([*pages, *OF_THE_ROOT])


def test_a_page_has_the_same_elements_as_on_github(site: Path) -> None:
    github = MarkdownIt("commonmark", {"html": True}).enable("table")
    for page in _pages(NAVIGATION):
        source = ROOT / OF_THE_ROOT.get(page, f"docs/{page}")
        html = (site / page).with_suffix(".html").read_text("utf-8")
        article = html.partition("<article")[2].partition("</article>")[0]
        shown = github.render(source.read_text("utf-8"))
        assert Counter(ELEMENTS.findall(article)) == Counter(ELEMENTS.findall(shown)), page


def test_every_link_of_the_site_leads_to_a_page_or_to_what_is_public(site: Path) -> None:
    broken = {
        f"{page.name}: {link}"
        for page in site.rglob("*.html")
        for link in LINKS.findall(page.read_text("utf-8"))
        if page.name != "404.html" and not _leads_somewhere(page, link, site)
    }
    assert broken == set()


def test_the_pages_name_nothing_to_load_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        assert LOADED.findall(page.read_text("utf-8")) == []
    for style in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(?:https?:|//)", style.read_text("utf-8"))


def test_a_reader_finds_a_page_by_search_and_asks_nobody_else(
    site_url: str, browser: Browser
) -> None:
    with browser.new_context() as context:
        tab = context.new_page()
        asked: list[str] = []
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(f"{site_url}/index.html")
        tab.click("[data-md-component=search-query]")
        tab.keyboard.type("dead letter")
        tab.wait_for_selector(".md-search-result__link[href*=glossary]")
        tab.wait_for_selector(".md-version__current")
    assert [url for url in asked if not url.startswith(posixpath.dirname(site_url))] == []


def test_a_release_adds_its_version_to_those_that_a_reader_can_choose(versions: Path) -> None:
    [version] = json.loads((versions / "versions.json").read_text("utf-8"))
    assert version == {"version": "0.1", "title": "0.1", "aliases": ["latest"]}
    assert (versions / "latest/index.html").exists()


class _SilentHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


NAME = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Tallystick"), ("EMAIL", "tallystick@example.org"))
}


def _git(repository: Path, *command: str) -> bytes:
    ran = subprocess.run(
        ["git", *command],
        cwd=repository,
        env={**os.environ, **NAME},
        capture_output=True,
        check=True,
    )
    return ran.stdout


def _pages(navigation: Any) -> Iterator[str]:
    """The pages that a part of the navigation leads to."""
    if isinstance(navigation, str):
        yield navigation
    else:
        parts = navigation.values() if isinstance(navigation, dict) else navigation
        for part in parts:
            yield from _pages(part)


def _leads_somewhere(page: Path, link: str, site: Path) -> bool:
    if path := repository_path(link):
        return path.exists()
    if re.match(r"https?://|#|mailto:|data:", link):
        return True
    target = (page.parent / link.partition("#")[0]).resolve()
    return target.is_relative_to(site) and target.exists()
