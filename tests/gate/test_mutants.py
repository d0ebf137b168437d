"""Right servers of others pass, and mutants of them do not.

One suite is tried a mutant here; `make mutants` tries whole runs, with three seeds.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gate.mutants import PROGRAMS, SERVERS, Mutant, judged, served, source_of
from tallystick.gate.outcome import CONFORMS, Outcome
from toolchain import do_without

# Schemathesis runs in this process, where the count of lines costs a third of its CPU time more.
pytestmark = pytest.mark.no_cover

QUICK = ("vector", "example", "access", "rule", "sequence", "bytes", "time")
MUTANTS = [
    (api, mutant)
    for api, (_, mutants) in SERVERS.items()
    for mutant in mutants
    # One fuzzing takes half a minute, so these are for `make mutants`, as are most of an own
    # contract, which the same code must notice: here are the sequences of the framework that
    # starts sooner.
    if (mutant.suite == "sequence" and api == "orders by Express")
    or (mutant.suite != "fuzz" and not api.startswith("orders"))
]


def need_program(api: str) -> None:
    if shutil.which(PROGRAMS[Path(SERVERS[api][0]).suffix]) is None:
        do_without("the servers on Node are NOT judged: node is missing")


@pytest.mark.parametrize("api", [api for api in SERVERS if not api.startswith("orders")])
def test_a_right_server_of_another_kind_passes(api: str, tmp_path: Path) -> None:
    need_program(api)
    with served(api, tmp_path) as url:
        run = judged(url, api, *QUICK)
    assert [(result.id, result.objections) for result in run.list_results(Outcome.FAILED)] == []
    assert run.exit_code == CONFORMS


@pytest.mark.parametrize(
    ("api", "mutant"), MUTANTS, ids=[f"{api}: {mutant.name}" for api, mutant in MUTANTS]
)
def test_a_mutant_is_caught(api: str, mutant: Mutant, tmp_path: Path) -> None:
    need_program(api)
    suites = QUICK if mutant.suite == "time" else (mutant.suite,)
    with served(api, tmp_path, mutant) as url:
        run = judged(url, api, *suites)
    assert mutant.suite in {result.suite for result in run.list_results(Outcome.FAILED)}


@pytest.mark.parametrize("api", [api for api in SERVERS if api.startswith("orders")])
def test_each_mutant_is_a_program(api: str, tmp_path: Path) -> None:
    need_program(api)
    file, mutants = SERVERS[api]
    program = tmp_path / file
    check = (
        ["node", "--check"] if program.suffix == ".mjs" else [sys.executable, "-m", "py_compile"]
    )
    for mutant in mutants:
        program.write_text(source_of(api, mutant), encoding="utf-8")
        done = subprocess.run([*check, program], capture_output=True, timeout=60, check=False)
        assert done.returncode == 0, f"{mutant.name}: {done.stderr.decode()}"
