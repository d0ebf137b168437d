"""Mutants of right servers, each with one change to its source, and the suite that must notice it.

`python -m gate.mutants` counts how many a run catches at a budget, with three seeds.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import yaml

from gate.orders import CONTRACT, CREDENTIALS, FRAMEWORKS, served_orders
from tallystick.gate import runner
from tallystick.gate.configuration import Budget, Configuration
from tallystick.gate.outcome import Outcome, VerifyRun

FOLDER = Path(__file__).with_name("right_servers")
NODE_PACKAGES = Path(__file__).parents[2] / "node_modules"
KEY = "shop-key-0123456789"
KNOWN = {
    "charon.cron": "digest",
    "charon.cron_name": "Digest",
    "charon.cron_id": "7",
    "charon.inactive_cron": "old-export",
    "charon.inactive_cron_id": "9",
}
OWN = {
    "orders": (CONTRACT, CREDENTIALS),
    "invoices": (FOLDER / "invoices.yaml", {"bearer": "invoices-key-0123456789"}),
}
"""Contracts of one's own, by the first word of their servers, with the credentials."""

ASKED: Mapping[str, Sequence[str]] = {
    "coverage": runner.SUITES,
    "time": [suite for suite in runner.SUITES if suite != "fuzz"],
}
"""What is asked for the suites that judge the answers to the others.

Fuzzing has as large a share of late answers, and waits for thousands of them.
"""

PROGRAMS = {".mjs": "node", ".py": sys.executable}
SEEDS = (1, 2, 3)


class Mutant(NamedTuple):
    """A change to the source of a right server."""

    name: str
    suite: str
    old: str
    new: str


def _read_mutants() -> dict[str, tuple[str, list[Mutant]]]:
    content = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return {
        api: (each["server"], [Mutant(**mutant) for mutant in each["mutants"]])
        for api, each in content.items()
    }


SERVERS: Mapping[str, tuple[str, list[Mutant]]] = _read_mutants()
"""API, or own contract and framework → the file of its right server, and the mutants of it."""


def source_of(api: str, mutant: Mutant | None = None) -> str:
    """Return the source of a right server, or of its mutant."""
    text = (FOLDER / SERVERS[api][0]).read_text(encoding="utf-8")
    if mutant is None:
        return text
    assert text.count(mutant.old) == 1, f"{mutant.name}: {text.count(mutant.old)} places"
    return text.replace(mutant.old, mutant.new)


@contextmanager
def served(api: str, folder: Path, mutant: Mutant | None = None) -> Iterator[str]:
    """Run a right server, or its mutant, until the end of the block; yield its URL."""
    file = folder / SERVERS[api][0]
    if file.suffix == ".mjs":
        (folder / "node_modules").symlink_to(NODE_PACKAGES)
    file.write_text(source_of(api, mutant), encoding="utf-8")
    with subprocess.Popen(
        [PROGRAMS[file.suffix], str(file)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def judged(url: str, api: str, *suites: str, **told: object) -> VerifyRun:
    """Return the run of some suites at a right server or a mutant."""
    if own := OWN.get(api.partition(" ")[0]):
        named: dict[str, object] = {"contracts": (str(own[0]),), "credentials": own[1]}
    else:
        known = KNOWN if api == "charon" else {}
        named = {"apis": (api,), "credentials": {f"{api}.key": KEY}, "known": known}
    configuration = Configuration(url, **named, **told)  # type: ignore[arg-type]  # what a caller tells is a setting
    return runner.run_suites(configuration, suites=suites or runner.SUITES)


def caught_by(api: str, mutant: Mutant, budget: str, seed: int) -> str:
    """Return the first suite that notices a mutant; an empty text if none does."""
    suites = sorted(runner.SUITES, key=lambda suite: suite != mutant.suite)
    for suite in suites:
        with tempfile.TemporaryDirectory() as folder, served(api, Path(folder), mutant) as url:
            asked = ASKED.get(suite, (suite,))
            run = judged(url, api, *asked, budget=budget, seed=seed)
        if run.list_results(Outcome.FAILED):
            return suite
    return ""


def count_false_alarms(framework: str, budget: str, seed: int) -> int:
    """Return the number of failures at a right server of a contract of its own."""
    with served_orders(framework) as url:
        told = Configuration(
            url, budget=budget, seed=seed, contracts=(str(CONTRACT),), credentials=CREDENTIALS
        )
        return len(runner.run_suites(told).list_results(Outcome.FAILED, Outcome.ERROR))


def _print_caught(budget: str, seed: int) -> Iterator[bool]:
    """Print each mutant with the suite that caught it, and yield whether one did."""
    for api, (file, mutants) in SERVERS.items():
        for mutant in mutants if shutil.which(PROGRAMS[Path(file).suffix]) else ():
            suite = caught_by(api, mutant, budget, seed)
            print(f"{suite or 'MISSED':9} {api}: {mutant.name}", flush=True)
            yield bool(suite)


def main() -> int:
    """Print each mutant with the suite that caught it, and the counts; return 0."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", choices=list(Budget), default=Budget.QUICK)
    parser.add_argument("--seed", type=int, action="append")
    told = parser.parse_args()
    for seed in told.seed or SEEDS:
        found = list(_print_caught(told.budget, seed))
        print(f"seed {seed}, {told.budget}: {sum(found)} of {len(found)} caught", flush=True)
        for framework in FRAMEWORKS:
            count = count_false_alarms(framework, told.budget, seed)
            print(f"seed {seed}, {told.budget}: {count} false alarms on {framework}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
