"""A command loads what it needs, and nothing that it does not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from itertools import takewhile
from pathlib import Path

import pytest

from project import PYPROJECT, ROOT
from requirements import installed_by

SERVER = {"connexion", "sqlalchemy", "starlette", "uvicorn"}
HEAVY = SERVER | {"aiohttp", "asyncio", "click", "rich"}
TABLE = "## What a start loads"
BASE = set(installed_by(PYPROJECT["project"]["dependencies"]))
BROUGHT_BY = {
    top: {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    for top, names in packages_distributions().items()
}
"""Top-level module → the distributions that bring it, by normal name."""


def loaded(folder: Path, *words: str) -> set[str]:
    """The packages that a command loads."""
    return {module.partition(".")[0] for module in loaded_modules(folder, *words)}


def loaded_modules(folder: Path, *words: str) -> list[str]:
    """The modules that a command loads, as Python tells them."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "tallystick", *words],
        cwd=folder,
        env=os.environ | {"TALLYSTICK_DATABASE": f"sqlite:///{folder}/tallystick.db"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    lines = [line for line in ran.stderr.splitlines() if line.startswith("import time:")]
    return [line.rpartition("|")[2].strip() for line in lines]


@pytest.mark.parametrize("command", ["", "charon exec", "diff", "serve", "keys"])
def test_help_loads_nothing_of_the_server(command: str, tmp_path: Path) -> None:
    assert loaded(tmp_path, *command.split(), "--help") & SERVER == set()


def test_charon_exec_loads_what_it_needs_alone(tmp_path: Path) -> None:
    assert loaded(tmp_path, "charon", "exec", "none", "--", "true") & HEAVY == set()


def test_keys_are_listed_without_connexion_and_without_what_encrypts(tmp_path: Path) -> None:
    packages = loaded(tmp_path, "keys", "list")
    assert packages & (SERVER | {"cryptography"}) == {"sqlalchemy"}


def test_help_loads_nothing_of_the_network(tmp_path: Path) -> None:
    assert loaded(tmp_path, "--help") & {"asyncio", "http", "ssl", "socketserver"} == set()


def libraries(modules: Iterable[str]) -> Counter[str]:
    """How many modules of each library of the base are among some."""
    tops = Counter(module.partition(".")[0] for module in modules)
    known = {top for top in tops if BROUGHT_BY.get(top, set()) & BASE}
    return Counter({top: tops[top] for top in known if not top.startswith("_")})


def loaded_until_it_listens(folder: Path, *words: str) -> list[str]:
    """The modules that a server loads before it takes calls."""
    command = [sys.executable, "-X", "importtime", "-m", "tallystick", *words, "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as server:
        patience = threading.Timer(60, server.kill)
        patience.start()
        try:
            assert server.stderr
            lines = list(takewhile(lambda line: "listening on" not in line, server.stderr))
        finally:
            patience.cancel()
            server.kill()
    return [line.rpartition("|")[2].strip() for line in lines if line.startswith("import time:")]


def written_table() -> dict[str, Counter[str]]:
    """The page's table: of each command, how many modules of each library."""
    page = (ROOT / "docs/performance.md").read_text("utf-8")
    head, _, *rows = re.findall(r"^\| .+$|^\|-.+$", page.partition(TABLE)[2], re.MULTILINE)
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in (head, *rows)]
    commands = [name.strip("`") for name in cells[0][1:]]
    return {
        command: Counter({row[0]: int(row[place]) for row in cells[1:] if row[place]})
        for place, command in enumerate(commands, 1)
    }


def test_a_mock_that_keeps_no_secret_loads_nothing_that_encrypts(tmp_path: Path) -> None:
    contract = str(ROOT / "examples/crm/crm.yaml")
    modules = loaded_until_it_listens(tmp_path, "mock", "--contract", contract)
    assert {"connexion", "sqlalchemy"} <= {name.partition(".")[0] for name in modules}
    assert [name for name in modules if name.startswith("cryptography")] == []


def test_a_server_leaves_to_the_first_call_what_few_calls_need(tmp_path: Path) -> None:
    modules = set(loaded_until_it_listens(tmp_path, "serve", "--dev"))
    late = {"queries", "problems", "custom_tags", "measurements"}
    assert "tallystick.apis.keyastrom.entities" in modules
    assert modules & {f"tallystick.apis.keyastrom.{name}" for name in late} == set()


@pytest.mark.parametrize("command", ["--help", "keys list", "serve --dev", "mock"])
def test_a_command_loads_no_more_of_a_library_than_the_page_says(
    command: str, tmp_path: Path
) -> None:
    serves = command in {"serve --dev", "mock"}
    load = loaded_until_it_listens if serves else loaded_modules
    found, written = libraries(load(tmp_path, *command.split())), written_table()[command]
    assert found.keys() == written.keys()
    assert {name: (n, written[name]) for name, n in found.items() if n > written[name]} == {}
