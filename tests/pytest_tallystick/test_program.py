"""A mock is started by what there is: this Python, uvx or a container."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tallystick.pytest_tallystick import program
from tallystick.pytest_tallystick.program import NoProgram, find_program

from project import ROOT

THIN = ROOT / "pytest-tallystick"
SUITE = """
def test_it_is_there(tallystick):
    tallystick.rule(operation="createEvent", answer={"code": 503})
    assert tallystick.list_rules()[0]["used"] == 0
"""


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The programs on the path; tallystick is not installed."""
    names: set[str] = set()
    monkeypatch.setattr(program, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}" if name in names else None)
    return names


def test_this_python_is_the_first_choice() -> None:
    assert find_program().words == [sys.executable, "-m", "tallystick"]


def test_uvx_is_the_second(found: set[str]) -> None:
    found.add("uvx")
    assert find_program() == (["/bin/uvx", "tallystick"], ("--port", "0"), 600.0)


def test_without_either_it_says_what_helps(found: set[str]) -> None:
    assert not found
    with pytest.raises(NoProgram, match="install tallystick or uvx, or set tallystick_image"):
        find_program()
    with pytest.raises(NoProgram, match="the image x needs docker or podman"):
        find_program("x")


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_a_container_is_reached_from_this_machine_alone(found: set[str], engine: str) -> None:
    found.add(engine)
    words, address, _ = find_program("registry.test/tallystick:1")
    port = address[-1]
    assert words[:3] == [f"/bin/{engine}", "run", "--rm"]
    assert words[3:] == ["--publish", f"127.0.0.1:{port}:{port}", "registry.test/tallystick:1"]
    assert address[:3] == ["--host", "0.0.0.0", "--allow-remote"]


# A program of this name that runs the real one; of docker it takes the words before the image.
FAKE = """#!/bin/sh
if [ "$(basename "$0")" = docker ]; then shift 4; fi
shift
exec {python} -m tallystick "$@"
"""


@pytest.fixture
def thin(tmp_path: Path) -> dict[str, str]:
    """An environment with pytest and the thin distribution alone, and a suite."""
    alone = tmp_path / "alone"
    alone.mkdir()
    site = Path(pytest.__file__).parent.parent
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py"):
        (alone / name).symlink_to(site / name)
    (alone / "pytest_tallystick").symlink_to(THIN / "src/pytest_tallystick")
    named = alone / "pytest_tallystick-0.1.0.dist-info"
    named.mkdir()
    entry = "[pytest11]\ntallystick_mock = pytest_tallystick.plugin\n"
    (named / "entry_points.txt").write_text(entry)
    (named / "METADATA").write_text("Metadata-Version: 2.1\nName: pytest-tallystick\nVersion: 0\n")
    (tmp_path / "test_suite.py").write_text(SUITE)
    return {"PYTHONPATH": str(alone), "PATH": f"{tmp_path}:/usr/bin:/bin"}


@pytest.mark.parametrize(("name", "ini"), [("uvx", ""), ("docker", "tallystick_image = x")])
def test_a_suite_without_tallystick_starts_one(
    tmp_path: Path, thin: dict[str, str], name: str, ini: str
) -> None:
    (tmp_path / name).write_text(FAKE.format(python=sys.executable))
    (tmp_path / name).chmod(0o755)
    ran = _run_suite(tmp_path, thin, ini)
    assert "1 passed" in ran, ran


def test_a_mock_that_runs_already_is_used(tmp_path: Path, thin: dict[str, str], url: str) -> None:
    ran = _run_suite(tmp_path, thin, f"tallystick_mock_url = {url}/")
    assert "1 passed" in ran, ran


@pytest.fixture
def url(start_tallystick: object) -> str:
    return start_tallystick().url  # type: ignore[operator, no-any-return]


def _run_suite(folder: Path, env: dict[str, str], ini: str) -> str:
    (folder / "pytest.ini").write_text(f"[pytest]\n{ini}\n")
    python = getattr(sys, "_base_executable", sys.executable)
    command = [python, "-S", "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=60
    )
    return ran.stdout + ran.stderr
