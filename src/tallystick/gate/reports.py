"""Writes a run's reports."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path

from tallystick.contract_tests import contract
from tallystick.gate.changelog import markdown
from tallystick.gate.configuration import BadConfiguration
from tallystick.gate.github_commands import github_commands
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.outcome import ContractPlace, Outcome, VerifyRun
from tallystick.gate.sarif import sarif

Writers = Mapping[str, Callable[[VerifyRun, str], str]]

COPIES = "tallystick-sources"
"""The folder of copied files, beside a report."""
_OURS = contract.FOLDER.parent

OF_SERVERS: Writers = {"junit": junit, "html": html, "sarif": sarif}
OF_DOCUMENTS: Writers = {
    "markdown": markdown,
    "junit": partial(junit, tool="tallystick diff"),
    "sarif": partial(sarif, tool="tallystick diff"),
    "github": github_commands,
}


def refuse_unknown(kinds: Iterable[str], writers: Writers) -> None:
    """Raise `BadConfiguration` for an unknown format."""
    for kind in kinds:
        if kind not in writers:
            raise BadConfiguration(f"unknown report {kind}: choose one of {', '.join(writers)}")


def write_reports(run: VerifyRun, reports: Mapping[str, Path], writers: Writers) -> None:
    """Write each report to its file, and create missing folders."""
    for kind, file in reports.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        text = writers[kind](run, version("tallystick"))
        file.write_text(text, encoding="utf-8")


def with_copied_sources(run: VerifyRun, reports: Mapping[str, Path]) -> VerifyRun:
    """Copy our files behind failures beside each report, and return the run for them.

    A contract of your own stays where it is: there your code scanner looks for it.
    """
    results = [
        replace(result, places=tuple(map(_beside, result.places)))
        if result.outcome is Outcome.FAILED
        else result
        for result in run.results
    ]
    for result in run.list_results(Outcome.FAILED):
        for place in filter(_is_ours, result.places):
            for folder in {file.parent for file in reports.values()}:
                target = folder / _beside(place).file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(_OURS / place.file, target)
    return replace(run, results=results)


def _beside(place: ContractPlace) -> ContractPlace:
    return replace(place, file=f"{COPIES}/{place.file}") if _is_ours(place) else place


def _is_ours(place: ContractPlace) -> bool:
    return not Path(place.file).is_absolute() and (_OURS / place.file).is_file()
