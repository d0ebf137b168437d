"""Writes a run's reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.metadata import version
from pathlib import Path

from tallystick.gate.changelog import markdown
from tallystick.gate.configuration import BadConfiguration
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.outcome import VerifyRun
from tallystick.gate.sarif import sarif

Writers = Mapping[str, Callable[[VerifyRun, str], str]]

OF_SERVERS: Writers = {"junit": junit, "html": html, "sarif": sarif}
OF_DOCUMENTS: Writers = {
    "markdown": markdown,
    "junit": partial(junit, tool="tallystick diff"),
    "sarif": partial(sarif, tool="tallystick diff"),
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
