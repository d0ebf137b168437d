"""Finds breaking changes by Redocly's general rules."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from tallystick.contract.json_pointer import read_step
from tallystick.gate.change import Change, Level
from tallystick.gate.outcome import ContractPlace

INSTALL = "the general rules need Node.js and Redocly: npm install @redocly/cli"
_LEVELS = {"major": Level.BREAKING, "minor": Level.ADDITION, "patch": Level.NOTE}
_TIMEOUT_S = 120


class NoRedocly(Exception):
    """Redocly can't be run; the message says why."""


def find_redocly_changes(old: Path, new: Path) -> Iterator[Change]:
    """Yield the changes found by Redocly; raise `NoRedocly` if it can't run."""
    for change in _report(old, new)["changes"]:
        if not change["verdicts"] and "x-" in f"{change['path']} {change.get('property', '')}":
            continue  # to Redocly an extension is mere text
        verdict: dict[str, Any] = next(iter(change["verdicts"]), {})
        rule = verdict.get("ruleId", change["kind"])
        says = verdict.get("message") or _said(change)
        where = read_step(change["path"].removeprefix("#/"))
        yield Change(_LEVELS[change["impact"]], rule, where, says, tuple(_places(change, old, new)))


def _said(change: dict[str, Any]) -> str:
    what = change.get("property") or change["typeName"]
    return f"{what} was {change['kind']}"


def _places(change: dict[str, Any], old: Path, new: Path) -> Iterator[ContractPlace]:
    for side, file, says in (("base", old, "old"), ("revision", new, "new")):
        if side in change and "line" in change[side]:
            yield ContractPlace(says, str(file), change[side]["line"])


def _report(old: Path, new: Path) -> dict[str, Any]:
    program = _program()
    with as_file(files("tallystick.gate").joinpath("redocly.yaml")) as config:
        command = [program, "diff", str(old), str(new), "--format", "json", "--config", str(config)]
        quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
        run = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, **quiet},
            timeout=_TIMEOUT_S,
            check=False,
        )
    try:
        report: dict[str, Any] = json.loads(run.stdout)
    except ValueError as error:
        raise NoRedocly(f"{INSTALL}\n{run.stderr.strip()[-2_000:]}") from error
    return report


def _program() -> str:
    """Return the nearest Redocly: in this folder, in one around it, or on the machine.

    Raises `NoRedocly` if it is missing.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        local = folder / "node_modules" / ".bin" / "redocly"
        if local.exists() and shutil.which("node"):
            return str(local)
    if program := shutil.which("redocly"):
        return program
    raise NoRedocly(INSTALL)
