"""The pages for contributors speak of the tree as it is; `test_docs.py` follows their links."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "CONTRIBUTING.md"
GUIDES = sorted((ROOT / "docs/contributing").glob("*.md"))
PAGES = [GUIDE, ROOT / "SECURITY.md", ROOT / ".github/pull_request_template.md", *GUIDES]
CODE = re.compile(r"^ *```sh\n(.*?)^ *```$|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"[\w.*<>-]+(?:/[\w.*<>-]+)+/?|[\w.*<>-]+(?:/|\.md|\.toml|\.yaml)")
TARGETS = re.compile(r"\bmake((?: [a-z][a-z-]*)+)")
MADE_BY_MAKE = ".venv/"

each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


def _words(page: Path) -> Iterator[str]:
    """The words of a page's commands and of what it sets in code."""
    for block, span in CODE.findall(page.read_text(encoding="utf-8")):
        yield from re.split(r"[\s\"'`]+", block or span)


def _is_there(path: str) -> bool:
    """Whether the tree has the path; `<api>` stands for any name."""
    return any(ROOT.glob(re.sub("<[a-z]+>", "*", path)))


def _named_targets(page: Path) -> set[str]:
    code = "\n".join(block or span for block, span in CODE.findall(page.read_text("utf-8")))
    return {target for named in TARGETS.findall(code) for target in named.split()}


@each_page
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    paths = {word for word in _words(page) if PATH.fullmatch(word)}
    wanted = {path for path in paths if not path.startswith(MADE_BY_MAKE)}
    assert {path for path in wanted if not _is_there(path)} == set()


@each_page
def test_every_make_target_that_a_page_names_is_there(page: Path) -> None:
    made = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert _named_targets(page) <= set(made)


def test_the_guide_names_paths_and_targets() -> None:
    assert "tests/postgres.py" in _words(GUIDE)
    assert {"check", "test", "reliability"} <= _named_targets(GUIDE)


def test_the_guide_leads_to_every_page_for_contributors() -> None:
    linked = set(re.findall(r"\((docs/contributing/[^)]+)\)", GUIDE.read_text("utf-8")))
    assert linked == {str(page.relative_to(ROOT)) for page in GUIDES}


@pytest.mark.parametrize("form", sorted(ROOT.glob(".github/*/*.yml")), ids=lambda path: path.stem)
def test_what_github_reads_has_a_name(form: Path) -> None:
    assert yaml.safe_load(form.read_text("utf-8"))["name"]


def test_the_hooks_before_a_commit_run_tools_that_make_sets_up(tmp_path: Path) -> None:
    committed = tmp_path / "committed.py"
    committed.write_text("WORD = 1\n", encoding="utf-8")
    [local] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert local["repo"] == "local"
    for hook in local["hooks"]:
        tool, *arguments = hook["entry"].split()
        assert tool.startswith(MADE_BY_MAKE)
        subprocess.run([ROOT / tool, *arguments, committed], capture_output=True, check=True)
