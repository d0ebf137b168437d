"""Compares `verify --contract` with the command of Schemathesis on mutants, in the same time.

`python -m gate.beside_schemathesis` writes the rows of the table in docs/verify.md.
"""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from gate.mutants import SERVERS, Mutant, judged, served
from gate.orders import CONTRACT, KEY
from tallystick.gate import configuration
from tallystick.gate.configuration import Budget
from tallystick.gate.outcome import Outcome

SETTINGS = f"""\
[auth.openapi]
shopToken = {{ bearer = "{KEY}" }}
shopOAuth = {{ bearer = "{KEY}" }}
shopPassword = {{ username = "shop", password = "{KEY}" }}
shopSession = {{ api_key = "{KEY}" }}
"""
STEP = 6
EXAMPLES = 150
"""The examples of a run, a tenth of those at `quick`: both are to have half a minute."""
OWNERS = ("orders by FastAPI", "orders by Express")


class Compared(NamedTuple):
    """What both found at one mutant."""

    by_verify: bool
    by_command: bool
    seconds: float


def compare(owner: str, mutant: Mutant) -> Compared:
    """Judge a mutant by both, the command for as long as `verify` took."""
    with tempfile.TemporaryDirectory() as name, served(owner, Path(name), mutant) as url:
        began = time.monotonic()
        found = judged(url, owner).list_results(Outcome.FAILED)
        seconds = time.monotonic() - began
    with tempfile.TemporaryDirectory() as name, served(owner, Path(name), mutant) as url:
        return Compared(bool(found), _is_found_by_command(url, Path(name), seconds), seconds)


def _is_found_by_command(url: str, folder: Path, seconds: float) -> bool:
    settings = folder / "schemathesis.toml"
    settings.write_text(SETTINGS, encoding="utf-8")
    program = str(Path(sys.executable).with_name("schemathesis"))
    command = [program, "--config-file", str(settings), "run", str(CONTRACT), "--url", url]
    # These fail at the right servers too: Starlette's `Allow`, and 1.0 as an integer.
    left_out = "allow_header_conformance,positive_data_acceptance"
    limits = ["--max-time", str(math.ceil(seconds)), "--exclude-checks", left_out]
    done = subprocess.run(
        [*command, *limits, "--continue-on-failure", "--generation-database", "none"],
        capture_output=True,
        text=True,
        timeout=20 * seconds + 120,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return done.returncode == 1


def main() -> int:
    """Print a row for each kind of mutants; return 1 if the command found more."""
    configuration._EXAMPLES = dict.fromkeys(Budget, EXAMPLES)
    rows: dict[str, list[Compared]] = {}
    for owner in OWNERS:
        # A run takes a minute, so some of each kind must do.
        for mutant in SERVERS[owner][1][::STEP]:
            compared = compare(owner, mutant)
            rows.setdefault(mutant.suite, []).append(compared)
            print(f"{owner}: {mutant.name}: {compared}", file=sys.stderr, flush=True)
    for suite, found in rows.items():
        verify, command = (sum(each[index] for each in found) for index in (0, 1))
        print(f"| {suite} | {len(found)} | {verify} | {command} |")
    more = [each for found in rows.values() for each in found if each.by_command > each.by_verify]
    return int(bool(more))


if __name__ == "__main__":
    sys.exit(main())
