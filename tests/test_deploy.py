"""The files of `deploy/` fit the program: its commands, its settings, and each other."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from command_line import PROGRAM, tallystick
from project import ROOT
from tallystick.apis.gateway.service import PING_S
from tallystick.contract.document import read_api
from tallystick.settings import Settings
from toolchain import need

DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose/compose.yaml").read_text("utf-8"))
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CHART = DEPLOY / "helm/tallystick"
TEMPLATES = {path.name: path.read_text("utf-8") for path in (CHART / "templates").iterdir()}
GATEWAY = read_api("gateway").content["paths"]
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file())


def options_of(command: str) -> set[str]:
    """Return the options of one of the program's commands."""
    ran = tallystick(command, "--help", COLUMNS="300")
    assert ran.returncode == 0, command
    return set(re.findall(r"--[a-z-]+", ran.stdout))


def is_known(words: list[str]) -> bool:
    """Return whether the program has the command and its options."""
    command, *rest = words
    return {word for word in rest if word.startswith("--")} <= options_of(command)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.name)
def test_every_variable_is_a_setting(file: Path) -> None:
    settings = {f"TALLYSTICK_{name.upper()}" for name in Settings.__dataclass_fields__}
    own = {"TALLYSTICK_DOMAIN"}  # of the compose file and its Caddyfile
    assert set(re.findall(r"TALLYSTICK_[A-Z_]+", file.read_text("utf-8"))) <= settings | own


@pytest.mark.parametrize("name", ["server", "worker"])
def test_a_container_s_command_is_the_program_s(name: str) -> None:
    assert is_known(COMPOSE["services"][name]["command"])


def test_compose_names_what_it_has() -> None:
    services: dict[str, Any] = COMPOSE["services"]
    volumes = {
        volume.partition(":")[0]
        for service in services.values()
        for volume in service.get("volumes", ())
    }
    named = {volume for volume in volumes if not volume.startswith(".")}
    assert named == set(COMPOSE["volumes"])
    for volume in volumes - named:
        assert (DEPLOY / "compose" / volume).is_file()
    for service in services.values():
        assert set(service.get("depends_on", ())) <= set(services)
    variables = set(re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose/compose.yaml").read_text()))
    given = re.findall(r"^([A-Z_]+)=", (DEPLOY / "compose/env.example").read_text(), re.M)
    assert variables == set(given)


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_understands_each_unit(unit: Path, tmp_path: Path) -> None:
    need("systemd-analyze", tested="the units of systemd")
    shutil.copytree(DEPLOY / "systemd", tmp_path, dirs_exist_ok=True)
    for copy in tmp_path.glob("*.service"):
        # It asks whether the program is there.
        text = copy.read_text("utf-8").replace("/opt/tallystick/bin/tallystick", PROGRAM)
        copy.write_text(text, "utf-8")
    command = ["systemd-analyze", "verify", "--man=no", str(tmp_path / unit.name)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_a_unit_s_command_is_the_program_s(unit: Path) -> None:
    [line] = re.findall(r"^ExecStart=(.*)$", unit.read_text("utf-8"), re.M)
    words = shlex.split(line)
    if words[0] == "/bin/sh":
        words = shlex.split(words[2].removeprefix("exec "))
    assert words[0] == "/opt/tallystick/bin/tallystick"
    assert is_known(words[1:])


@pytest.mark.parametrize("name", ["caddy/Caddyfile", "compose/Caddyfile", "nginx/tallystick.conf"])
def test_a_proxy_hides_paths_that_are_there(name: str) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    for path in ("/metrics", "/readyz"):
        assert path in GATEWAY
        assert path.strip("/") in text


def test_the_chart_uses_the_values_that_it_has() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    for template in TEMPLATES.values():
        for path in re.findall(r"\.Values\.([A-Za-z.]+)", template):
            found = values
            for step in path.split("."):
                assert step in found, path
                found = found[step]
    used = set(re.findall(r"\.Values\.([A-Za-z]+)", "".join(TEMPLATES.values())))
    assert used == set(values)


def test_the_chart_includes_what_it_defines() -> None:
    joined = "".join(TEMPLATES.values())
    defined = set(re.findall(r'define "([^"]+)"', joined))
    assert set(re.findall(r'include "([^"]+)"', joined)) == defined


def test_the_chart_s_commands_and_paths_are_the_program_s() -> None:
    joined = "".join(TEMPLATES.values())
    commands = re.findall(r"^ +args: \[(.*)\]$", joined, re.M)
    assert len(commands) == 2
    assert all(is_known(command.split(", ")) for command in commands)
    assert all(path in GATEWAY for path in re.findall(r"path: (/[a-z]+), port", joined))


def test_a_probe_of_the_chart_waits_until_the_answer() -> None:
    joined = "".join(TEMPLATES.values())
    waits = [int(seconds) for seconds in re.findall(r"timeoutSeconds: (\d+)", joined)]
    assert len(waits) == len(re.findall("httpGet:", joined))
    assert min(waits) > PING_S


def test_the_chart_has_the_version_of_the_program() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")
    [version] = re.findall(r'^version = "(.*)"$', pyproject, re.M)
    assert chart["appVersion"] == chart["version"] == version
