"""Writing a run's reports."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path

from tallystick.gate.configuration import BadConfiguration
from tallystick.gate.html import html
from tallystick.gate.junit import junit
from tallystick.gate.outcome import Run
from tallystick.gate.sarif import sarif

_WRITERS: Mapping[str, Callable[[Run, str], str]] = {
    "junit": lambda run, _: junit(run),
    "html": html,
    "sarif": sarif,
}


def refuse_unknown(kinds: Iterable[str]) -> None:
    """Raise `BadConfiguration` for a format that there is not."""
    for kind in kinds:
        if kind not in _WRITERS:
            raise BadConfiguration(f"there is no report {kind}: it is one of {', '.join(_WRITERS)}")


def write(run: Run, reports: Mapping[str, Path]) -> None:
    """Write each report to its file."""
    for kind, file in reports.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        text = _WRITERS[kind](run, version("tallystick"))
        file.write_text(text, encoding="utf-8")
