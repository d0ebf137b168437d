"""What the pages say is so: blocks that begin with `$` are run, links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import NamedTuple

import pytest

from project import REPOSITORY, ROOT, repository_path
from server_process import ServerProcess, StartServer
from tallystick.contract.document import read_documents
from tallystick.mock.client import Tallystick
from tallystick.mock.process import MockProcess
from tallystick.settings import Settings

PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
)
ADDRESS = "http://127.0.0.1:8080"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
RULING = re.compile(r"\(docs/decisions/([\w-]+\.md)(?:,\s+(?:#\s+)?\"([^\"]+)\")?\)")
OF_A_MOCK = {ROOT / "docs/mock.md"}
"""Pages whose examples are of a mock, and not of a server."""

OF_A_CONTRACT = {ROOT / "docs/your-api.md", ROOT / "examples/crm/README.md"}
"""Pages whose examples are of a mock of the example's contract."""

CONTRACT = ROOT / "examples/crm/crm.yaml"

BETWEEN = "---- next command ----"


class Example(NamedTuple):
    """A command of a page and what the page says it prints; `…` stands for anything."""

    command: str
    printed: str

    def allows(self, output: str) -> bool:
        """Whether the output is what the page says."""
        parts = (re.escape(part) for part in self.printed.strip().split("…"))
        return re.fullmatch(".*?".join(parts), output.strip(), re.DOTALL) is not None


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _examples(page: Path) -> list[Example]:
    blocks = "".join(BLOCK.findall(_text(page)))
    return [_example(part) for part in re.split(r"^\$ ", blocks, flags=re.MULTILINE)[1:]]


def _example(text: str) -> Example:
    match = re.match(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", text, re.DOTALL)
    assert match is not None
    return Example(*match.groups())


class Program(NamedTuple):
    """A Python program of a page."""

    page: Path
    source: str


PROGRAMS = [Program(page, source) for page in PAGES for source in PYTHON.findall(_text(page))]
PAGES_WITH_EXAMPLES = [page for page in PAGES if _examples(page)]


@pytest.mark.parametrize("document", PAGES_WITH_EXAMPLES, ids=_name)
def test_what_a_page_shows_is_what_happens(
    document: Path, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    examples = _examples(document)
    outputs = _run([each.command for each in examples], _world(document, request), tmp_path)
    for example, output in zip(examples, outputs, strict=True):
        assert example.allows(output), f"{example.command}printed\n{output}"


@pytest.fixture
def crm() -> Iterator[MockProcess]:
    """A mock of the example's contract."""
    process = MockProcess("--contract", str(CONTRACT))
    yield process
    process.stop()


def _world(document: Path, request: pytest.FixtureRequest) -> str:
    """The URL of what a page is about, in a world that nobody has used."""
    if document in OF_A_CONTRACT:
        crm: MockProcess = request.getfixturevalue("crm")
        return crm.url
    if document in OF_A_MOCK:
        mock: Tallystick = request.getfixturevalue("tallystick")
        return mock.url
    start: StartServer = request.getfixturevalue("start_server")
    return start().url


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.page.name)
def test_what_a_page_shows_in_python_runs(program: Program, server: ServerProcess) -> None:
    source = program.source.replace(ADDRESS, server.url)
    subprocess.run([sys.executable, "-c", source], check=True, timeout=60)


def test_the_readme_has_a_result_to_see() -> None:
    assert ROOT / "README.md" in PAGES_WITH_EXAMPLES


@pytest.mark.parametrize("document", PAGES, ids=_name)
def test_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(_text(document))
    ours = [link for link in links if "://" not in link or link.startswith(f"{REPOSITORY}/")]
    assert [link for link in ours if not _leads_somewhere(document, link)] == []


def test_the_code_names_rulings_as_their_pages_do() -> None:
    named = {
        (page, re.sub(r"\s+(?:#\s+)?", " ", question))
        for file in (ROOT / "src").rglob("*.py")
        for page, question in RULING.findall(_text(file))
    }
    assert named
    decisions = ROOT / "docs" / "decisions"
    known = {
        (page.name, heading)
        for page in decisions.glob("*.md")
        for heading in ["", *HEADING.findall(_text(page))]
    }
    assert named <= known


def test_every_api_has_a_page_with_examples() -> None:
    contracts = {file.stem for file in (ROOT / "openapi").glob("*.yaml")} - {"gateway"}
    assert contracts <= {page.stem for page in PAGES_WITH_EXAMPLES}


def test_every_page_in_docs_is_reached_from_the_readme() -> None:
    linked = {repository_path(link) for link in LINK.findall(_text(ROOT / "README.md"))}
    assert {page for page in PAGES if page.parent.name == "docs"} <= linked


def test_every_setting_is_documented() -> None:
    assert _settings_table() in _text(ROOT / "docs/settings.md")


def test_every_scope_is_documented() -> None:
    rows = {
        f"| {document.api} | `{scope}` | {what} |"
        for document in read_documents()
        for scope, what in document.scopes.items()
    }
    assert rows <= set(_text(ROOT / "docs/keys.md").splitlines())


def test_every_dependency_is_accounted_for() -> None:
    locked = _text(ROOT / "pyproject.toml")
    named = set(re.findall(r'^    "([a-z0-9-]+)[><=]', locked, re.MULTILINE))
    accounted = _text(ROOT / "docs/decisions/dependencies.md")
    assert {name for name in named if name not in accounted} == set()


def _settings_table() -> str:
    rows = [
        f"| `TALLYSTICK_{each.name.upper()}` | {_default(each.metadata['default'])} | "
        f"{each.metadata['description']} |"
        for each in fields(Settings)
    ]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def _default(value: object) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`" if value not in (None, "", ()) else "none"


def _leads_somewhere(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = repository_path(name) or ((page.parent / name) if name else page)
    return target.exists() and (not anchor or anchor in _anchors(target))


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings."""
    headings = (heading.lower() for heading in HEADING.findall(_text(page)))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in headings}


def _run(commands: list[str], url: str, folder: Path) -> list[str]:
    script = f"\necho '{BETWEEN}'\n".join(commands).replace(ADDRESS, url)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = subprocess.run(
        ["bash"],
        input=script,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": path},
        timeout=180,
        check=False,
    )
    return shell.stdout.replace(url, ADDRESS).split(BETWEEN)
