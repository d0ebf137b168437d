"""The gate in other people's CI: GitHub's action."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from gate.diff.framed import framed
from gate.in_ci import FEW, PATH, ROOT, run
from server_process import ServerProcess

ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def act(folder: Path, step_id: str = "verify", **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run a step of the action as GitHub does, its inputs put in."""
    step = next(step for step in ACTION["runs"]["steps"] if step.get("id") == step_id)
    given = {name: str(told.get("default", "")) for name, told in ACTION["inputs"].items()}
    given |= inputs
    env = {
        name: given.get(text.removeprefix("${{ inputs.").removesuffix(" }}"), text)
        for name, text in step["env"].items()
    }
    command = ("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"])
    (folder / "sitecustomize.py").write_text(FEW)
    env |= {"GITHUB_OUTPUT": str(folder / "output"), "PYTHONPATH": str(folder)}
    env |= {"GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_ACTIONS": "true"}
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


@pytest.mark.parametrize(("limit", "code"), [(9, 0), (5, 1)])
def test_the_action_compares_two_documents(limit: int, code: int, tmp_path: Path) -> None:
    old, new = tmp_path / "old.yaml", tmp_path / "new.yaml"
    for file, most in ((old, 9), (new, limit)):
        file.write_text(framed("request", f"{{type: string, maxLength: {most}}}"), encoding="utf-8")
    done = act(tmp_path, "compare", old=str(old), new=str(new))
    assert done.returncode == code, done.stdout + done.stderr
    assert (tmp_path / "output").read_text() == f"exit-code={code}\n"
    assert ("::error file=" in done.stdout) == bool(code)
    assert str(new) in (tmp_path / "summary").read_text()
    written = {file.name for file in (tmp_path / "tallystick-reports").iterdir()}
    assert written == {"changes.md", "changes.xml", "changes.sarif"}


def test_the_action_installs_pinned_wheels_from_its_cache(tmp_path: Path) -> None:
    steps = {step["name"]: step for step in ACTION["runs"]["steps"]}
    output = tmp_path / "output"
    env = {"RUNNER_TEMP": str(tmp_path), "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64"}
    env |= {"GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output)}
    done = run("bash", "-eo", "pipefail", "-c", steps["Pin"]["run"], folder=tmp_path, **env)
    assert done.returncode == 0, done.stderr
    told = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert told["key"].startswith("tallystick-Linux-X64-cpython-")
    pins = (tmp_path / "tallystick-pins.txt").read_text().splitlines()
    locked = (ROOT / "requirements-dev.txt").read_text().splitlines()
    assert pins == [line.split(" ")[0] for line in locked if line[:1].isalnum()]
    assert steps["Cache"]["with"]["key"] == "${{ steps.pin.outputs.key }}"
    assert "tallystick-pins.txt" in steps["Build"]["run"]
    assert "--no-index" in steps["Install"]["run"]


PYTHON = """\
#!/bin/sh
echo "$@" >> "$RUNNER_TEMP/called"
if [ "$2" = venv ]; then
    mkdir -p "$3/$PROGRAMS"
    cp "$0" "$3/$PROGRAMS/python"
fi
"""
"""A Python that makes an environment with the folder of its platform."""


@pytest.mark.parametrize(
    ("platform", "programs"), [("Linux", "bin"), ("macOS", "bin"), ("Windows", "Scripts")]
)
def test_the_action_installs_where_its_platform_has_programs(
    platform: str, programs: str, tmp_path: Path
) -> None:
    [step] = (each for each in ACTION["runs"]["steps"] if each["name"] == "Install")
    python = tmp_path / "python"
    python.write_text(PYTHON, encoding="utf-8")
    python.chmod(0o755)
    env = {"RUNNER_TEMP": str(tmp_path), "RUNNER_OS": platform, "PROGRAMS": programs}
    env |= {"GITHUB_PATH": str(tmp_path / "path"), "PATH": f"{tmp_path}:{PATH}"}
    done = run("bash", "-eo", "pipefail", "-c", step["run"], folder=tmp_path, **env)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "path").read_text() == f"{tmp_path}/tallystick/{programs}\n"
    assert "-m pip install" in (tmp_path / "called").read_text()


def test_the_action_s_steps_run_alike_on_each_platform() -> None:
    for step in ACTION["runs"]["steps"]:
        if "run" not in step:
            continue
        assert step["shell"] == "bash"
        # A program of ours prints letters that a code page of Windows lacks.
        is_ours = "tallystick verify" in step["run"] or "tallystick diff" in step["run"]
        assert ("PYTHONUTF8" in step.get("env", {})) == is_ours
