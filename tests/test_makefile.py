"""One command tests everything, wherever it is run: the README names it, and CI runs it."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


def commands(text: str) -> list[str]:
    """The lines of a shell script that do something."""
    lines = map(str.strip, text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]


def would_run(*targets: str, folder: Path) -> str:
    """What make would run in a clone where nothing is installed yet."""
    clients = Path("tests", "keyastrom", "node_clients", "package-lock.json")
    (folder / clients.parent).mkdir(parents=True, exist_ok=True)
    kafka = Path("tests", "fixtures", "kafka.xml")
    (folder / kafka.parent).mkdir(parents=True, exist_ok=True)
    for name in ("Makefile", "pyproject.toml", "package-lock.json", clients, kafka):
        shutil.copy(ROOT / name, folder / name)
    for locked in ROOT.glob("requirements-*.txt"):
        shutil.copy(locked, folder)
    done = subprocess.run(
        ["make", "--dry-run", *targets], cwd=folder, capture_output=True, text=True, check=True
    )
    return done.stdout


def readme_command() -> list[str]:
    """The command that the README gives to those who work on the program."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"## Work on it\n\n```sh\n(.*?)```", readme, re.DOTALL)
    return commands(block)


def test_ci_runs_the_command_that_the_readme_gives() -> None:
    assert commands((ROOT / ".ci" / "run").read_text(encoding="utf-8")) == readme_command()


def test_the_workflow_runs_the_command_that_the_readme_gives() -> None:
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    [job] = workflow["jobs"].values()
    *prepared, tested = [step["run"] for step in job["steps"] if "run" in step]
    assert commands(tested) == readme_command()
    assert prepared == ["sudo make strace"]


@pytest.mark.parametrize(
    "installed",
    [
        *("pip install", "requirements-docs.txt", "npm ci", "chromium", "golang-go"),
        *("default-jdk", "cargo", "strace", "kafka.xml"),
    ],
)
def test_make_test_installs_what_its_tests_need_first(installed: str, tmp_path: Path) -> None:
    before, ran, _ = would_run("test", folder=tmp_path).partition(".venv/bin/pytest tests ")
    assert ran
    assert installed in before


@pytest.mark.parametrize("file", ["Makefile", "Containerfile"])
def test_a_locked_install_asks_no_registry_what_else_it_needs(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    locked = [line for line in text.splitlines() if "--require-hashes" in line]
    assert locked
    assert [line for line in locked if "--no-deps" not in line] == []


def test_make_test_runs_every_folder_of_tests(tmp_path: Path) -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]
    ran = re.findall(r"\.venv/bin/pytest (\w+)(?:$| )", would_run("test", folder=tmp_path), re.M)
    assert sorted(ran) == sorted(options["ini_options"]["testpaths"])
