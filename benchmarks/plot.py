"""The plot of the README: ``python -m benchmarks.plot FILE FOLDER`` draws it, light and dark.

It reads the JSON as it is: matplotlib, and so this module, is in the peers' environment.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib import pyplot as plt

WORK = "POST /event/send"
OURS = frozenset({"Tallystick, log in memory", "Tallystick, SQLite file", "Tallystick, PostgreSQL"})
"""Unmodified Connexion, which `--connexion` is, counts as a peer."""


class Theme(NamedTuple):
    """The colours of one background."""

    name: str
    paper: str
    ink: str
    faint: str
    ours: str
    peers: str
    line: str


THEMES = (
    Theme("light", "#ffffff", "#1f2328", "#59636e", "#0969da", "#818b98", "#e6eaef"),
    Theme("dark", "#0d1117", "#f0f6fc", "#9198a1", "#4493f8", "#8b949e", "#21262d"),
)


def main() -> None:
    """Draw both plots."""
    results = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for theme in THEMES:
        _draw(results, theme, Path(sys.argv[2]))


def _draw(results: dict[str, Any], theme: Theme, folder: Path) -> None:
    costs = {
        name: [run["cells"][WORK]["cpu_us"] for run in runs]
        for name, runs in results["runs"].items()
    }
    names = sorted(costs, key=lambda name: -min(costs[name]))
    mpl.rcParams.update({"font.family": "DejaVu Sans", "text.color": theme.ink})
    figure, axes = plt.subplots(figsize=(8.4, 0.42 * len(names) + 1.3), layout="constrained")
    figure.set_facecolor(theme.paper)
    axes.set_facecolor(theme.paper)
    for row, name in enumerate(names):
        lowest, highest = min(costs[name]), max(costs[name])
        colour = theme.ours if name in OURS else theme.peers
        axes.axhline(row, color=theme.line, linewidth=0.8, zorder=0)
        axes.plot([lowest, highest], [row, row], color=colour, linewidth=4, alpha=0.45)
        axes.plot(lowest, row, "o", color=colour, markersize=10)
        axes.annotate(
            f"{lowest:,.0f}", (highest, row), (10, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(names)), names)
    _strip(axes, theme)
    axes.set_title(
        f"CPU time of one {WORK}, in µs (logarithmic; left is better)",
        loc="left",
        fontsize=11,
        fontweight="bold",
        pad=12,
    )
    axes.set_xlabel(_caption(results), color=theme.faint, fontsize=8, loc="left", labelpad=8)
    figure.savefig(folder / f"cost-{theme.name}.png", dpi=160, facecolor=theme.paper)
    plt.close(figure)


def _strip(axes: Any, theme: Theme) -> None:
    axes.set_xscale("log")
    axes.margins(x=0.1, y=0.06)
    axes.xaxis.set_major_locator(mpl.ticker.NullLocator())
    axes.xaxis.set_minor_locator(mpl.ticker.NullLocator())
    axes.tick_params(axis="y", length=0, colors=theme.ink, labelsize=9.5)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _caption(results: dict[str, Any]) -> str:
    rounds = len(next(iter(results["runs"].values())))
    cores, connections = results["machine"]["cores"], results["load"]["connections"]
    return (
        f"The program's own processes; lowest and span of {rounds} interleaved rounds, "
        f"{connections} connections, {cores} cores, {results['date']}"
    )


if __name__ == "__main__":
    main()
