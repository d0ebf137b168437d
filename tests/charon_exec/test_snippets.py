"""The page on crons shows each place of a job in a way that works there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from charon_runs import Cron, environment
from project import ROOT
from server_process import ServerProcess

PAGE = (ROOT / "docs/crons.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:8080"
SLUG = "nightly-report"


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def of(cron: Cron, snippet: str) -> str:
    """The snippet for a test's own server and cron."""
    return snippet.replace(ADDRESS, cron.server.url).replace(SLUG, cron.slug)


def documents(kind: str) -> dict[str, Any]:
    [found] = [text for text in snippets("yaml") if kind in text]
    return dict(yaml.load(found, yaml.BaseLoader))


def job(folder: Path) -> Path:
    """A program that is the cron's job."""
    program = folder / "report"
    program.write_text("#!/bin/sh\necho 64 of 128 reports sent\n", encoding="utf-8")
    program.chmod(0o755)
    return program


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder's `tallystick`, as on a job's machine."""
    link = tmp_path / "tallystick"
    own = shutil.which("tallystick", path=f"{ROOT}/.venv/bin{os.pathsep}{os.environ['PATH']}")
    assert own is not None
    link.symlink_to(own)
    return link


def test_a_line_of_a_crontab_runs_as_cron_runs_it(
    cron: Cron, program: Path, tmp_path: Path
) -> None:
    [text] = snippets("crontab")
    *settings, line = of(cron, text).strip().split("\n")
    command = line.split(maxsplit=5)[5]
    command = command.replace("/opt/tallystick/bin/tallystick", str(program))
    command = command.replace("/usr/local/bin/report", str(job(tmp_path)))
    own = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", **dict(s.split("=", 1) for s in settings)}
    done = subprocess.run(["/bin/sh", "-c", command], env=own, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
    assert cron.said() == ["64 of 128 reports sent"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is missing")
def test_the_units_of_systemd_are_valid_and_their_command_runs(
    cron: Cron, program: Path, tmp_path: Path
) -> None:
    units = []
    for text in snippets("ini"):
        first, _, rest = of(cron, text).partition("\n")
        unit = tmp_path / Path(first.removeprefix("# ")).name.replace(cron.slug, SLUG)
        rest = rest.replace("/opt/tallystick/bin/tallystick", str(program))
        rest = rest.replace("/usr/local/bin/report", str(job(tmp_path)))
        unit.write_text(rest.replace("EnvironmentFile=/", "EnvironmentFile=-/"), encoding="utf-8")
        units.append(unit)
    verify = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    checked = subprocess.run(verify, capture_output=True, text=True, check=False)
    said = [line for line in checked.stderr.splitlines() if str(tmp_path) in line]
    assert (checked.returncode, said) == (0, []), checked.stderr
    [command] = re.findall("^ExecStart=(.*)$", units[0].read_text(encoding="utf-8"), re.MULTILINE)
    own = environment() | {"TALLYSTICK_URL": cron.server.url}
    subprocess.run(command.split(), env=own, capture_output=True, check=True)
    assert cron.said() == ["64 of 128 reports sent"]


def test_the_command_of_kubernetes_runs(server: ServerProcess, program: Path) -> None:
    pod = documents("CronJob")["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert {each["name"] for each in container["env"]} == {
        "TALLYSTICK_URL",
        "TALLYSTICK_CHARON_KEY",
    }
    cron = Cron(server)
    command = [of(cron, word) for word in container["command"]]
    command[0], command[-1] = str(program), str(job(program.parent))
    own = environment() | {"TALLYSTICK_URL": server.url}
    subprocess.run(command, env=own, capture_output=True, check=True)
    assert cron.said() == ["64 of 128 reports sent"]


def test_the_command_of_github_s_actions_runs(cron: Cron, program: Path) -> None:
    report = documents("runs-on")["jobs"]["report"]
    assert set(report["env"]) == {"TALLYSTICK_URL", "TALLYSTICK_CHARON_KEY"}
    command = of(cron, report["steps"][-1]["run"])
    job(program.parent).rename(program.parent / "report.sh")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    own = environment() | {"TALLYSTICK_URL": cron.server.url, "PATH": path}
    run = ["bash", "-e", "-c", command]
    subprocess.run(run, cwd=program.parent, env=own, capture_output=True, check=True)
    assert cron.said() == ["64 of 128 reports sent"]


@pytest.mark.skipif(shutil.which("php") is None, reason="PHP is missing")
def test_a_program_in_php_tells_what_it_does(cron: Cron, tmp_path: Path) -> None:
    [text] = snippets("php")
    (tmp_path / "report.php").write_text(of(cron, text), encoding="utf-8")
    run = ["php", str(tmp_path / "report.php")]
    ran = subprocess.run(run, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert (cron.said(), cron.said("success")) == (
        ["64 of 128 reports sent"],
        ["128 reports sent"],
    )
