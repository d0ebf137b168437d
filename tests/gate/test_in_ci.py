"""The gate in other people's CI: GitHub's action, the pre-commit hook, pytest's plugin."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from gate.stub import Stub
from server_process import ServerProcess

ROOT = Path(__file__).parent.parent.parent
BASE = Path(__file__).parent / "parcels.yaml"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]
FEW = """\
from tallystick.gate import configuration

configuration._EXAMPLES = dict.fromkeys(configuration.Budget, 20)
"""
"""A `conftest.py`, or a `sitecustomize.py`, by which a run has examples enough for a test."""
PATH = f"{Path(sys.executable).parent}:{os.environ['PATH']}"


def run(*command: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PATH": PATH, **env},
        timeout=120,
        check=False,
    )


def act(folder: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's own script as GitHub does, its inputs put in."""
    step = ACTION["runs"]["steps"][1]
    given = {name: str(told.get("default", "")) for name, told in ACTION["inputs"].items()}
    given |= inputs
    env = {
        name: given[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in step["env"].items()
    }
    command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    (folder / "sitecustomize.py").write_text(FEW)
    env |= {"GITHUB_OUTPUT": str(folder / "output"), "PYTHONPATH": str(folder)}
    return run(*command, folder=folder, **env)


def test_the_action_judges_a_server_and_writes_its_reports(
    server: ServerProcess, tmp_path: Path
) -> None:
    done = act(tmp_path, url=server.url, apis="charon", safe="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "output").read_text() == "exit-code=0\n"
    written = {file.name for file in (tmp_path / "tallystick-reports").iterdir()}
    assert written == {"junit.xml", "report.html", "report.sarif"}


def test_the_action_is_red_where_nothing_can_be_said(tmp_path: Path) -> None:
    assert act(tmp_path, url="http://127.0.0.1:9", apis="charon").returncode == 2
    assert (tmp_path / "output").read_text() == "exit-code=2\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one contract, committed."""
    (tmp_path / "openapi").mkdir()
    shutil.copy(BASE, tmp_path / "openapi")
    for command in ("init -q", "add .", "-c user.name=n -c user.email=e commit -qm first"):
        assert run("git", *command.split(), folder=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("W000", "W009", 1), ("summary: List parcels", "summary: List all parcels", 0)],
)
def test_the_hook_stops_a_breaking_change_alone(
    old: str, new: str, code: int, repository: Path
) -> None:
    contract = repository / "openapi" / BASE.name
    contract.write_text(BASE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    programs = str(ROOT / "node_modules" / ".bin")
    command = (*HOOK["entry"].split(), f"openapi/{BASE.name}")
    done = run(*command, folder=repository, PATH=f"{programs}:{PATH}")
    assert done.returncode == code, done.stdout + done.stderr


def test_the_hook_lets_a_new_contract_in(repository: Path) -> None:
    (repository / "openapi" / "new.yaml").write_text("openapi: 3.0.3\n")
    done = run(*HOOK["entry"].split(), "openapi/new.yaml", folder=repository)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of somebody's tests, and what they tell of their server."""
    (tmp_path / "tallystick.toml").write_text("[verify]\nsafe = true\n")
    (tmp_path / "conftest.py").write_text(FEW)
    return tmp_path


def test_pytest_judges_a_server_that_conforms(server: ServerProcess, suite: Path) -> None:
    options = ("--tallystick-url", server.url, "--tallystick-api", "charon")
    done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 passed" in done.stdout, done.stdout


def test_pytest_fails_for_a_server_that_does_not(suite: Path) -> None:
    with Stub().running() as stub:
        options = ("--tallystick-url", stub.url, "--tallystick-api", "charon")
        done = run(sys.executable, "-m", "pytest", *options, folder=suite)
    assert "1 failed" in done.stdout, done.stdout
    assert "curl -i" in done.stdout
    assert "Traceback" not in done.stdout


def test_pytest_without_a_server_is_as_ever(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text("def test_one(): pass\n")
    assert "1 passed" in run(sys.executable, "-m", "pytest", folder=tmp_path).stdout
