"""The scoreboard's plot: ``python -m benchmarks.scoreboard_plot FILE FOLDER``, light and dark.

Like the other plot it needs matplotlib, and so is run in the peers' environment.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

from benchmarks.plot import THEMES, Theme
from benchmarks.scores import OURS, SUITES, Scoreboard

SHOWN = [suite for suite in SUITES if suite != "log"]
"""The log is Tallystick's own: no other server has one to look into."""


def main() -> None:
    """Draw both plots."""
    board = Scoreboard.read(Path(sys.argv[1]))
    for theme in THEMES:
        _draw(board, theme, Path(sys.argv[2]))


def _draw(board: Scoreboard, theme: Theme, folder: Path) -> None:
    names = list(reversed(board.contestants))
    mpl.rcParams.update({"font.family": "DejaVu Sans", "text.color": theme.ink})
    figure, panels = plt.subplots(
        1, len(SHOWN), figsize=(8.4, 0.36 * len(names) + 1.2), sharey=True, layout="constrained"
    )
    figure.set_facecolor(theme.paper)
    for axes, suite in zip(panels, SHOWN, strict=True):
        shares = {name: board.total(name, suite).share for name in names}
        _bars(axes, shares, theme)
        axes.set_title(SUITES[suite], loc="left", fontsize=9.5)
    title = f"Share of the contract suite that was passed ({', '.join(board.scores)})"
    figure.suptitle(title, x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.savefig(folder / f"scoreboard-{theme.name}.png", dpi=160, facecolor=theme.paper)
    plt.close(figure)


def _bars(axes: Any, shares: dict[str, float], theme: Theme) -> None:
    """A bar for each server, on one for the whole."""
    axes.set_facecolor(theme.paper)
    colours = [theme.ours if name == OURS else theme.peers for name in shares]
    axes.barh(list(shares), [1] * len(shares), color=theme.line, height=0.5)
    axes.barh(list(shares), list(shares.values()), color=colours, height=0.5)
    for row, share in enumerate(shares.values()):
        axes.annotate(f"{share:.0%}", (1.04, row), va="center", fontsize=9)
    axes.set_xlim(0, 1.4)
    axes.set_xticks([])
    axes.tick_params(axis="y", length=0, colors=theme.ink, labelsize=9.5)
    for spine in axes.spines.values():
        spine.set_visible(False)


if __name__ == "__main__":
    main()
