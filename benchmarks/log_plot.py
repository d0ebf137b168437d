"""The plot of a large log's filters: ``python -m benchmarks.log_plot FILE FOLDER`` draws it.

It reads the JSON of `benchmarks.log` as it is, like `benchmarks.plot`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from matplotlib import pyplot as plt

from benchmarks.plot import THEMES, Theme

SHOWN = ("common type", "rare type", "rare subject", "counts by type", "received")
WANTED_MS = 50


def main() -> None:
    """Draw the plot, light and dark."""
    results = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for theme in THEMES:
        _draw(results, theme, Path(sys.argv[2]))


def _draw(results: dict[str, Any], theme: Theme, folder: Path) -> None:
    sizes = results["sizes"]
    figure, axes = plt.subplots(figsize=(7.2, 4.2), layout="constrained")
    figure.set_facecolor(theme.paper)
    axes.set_facecolor(theme.paper)
    for name in SHOWN:
        axes.plot(
            [int(size) for size in sizes], [sizes[s][name][1] for s in sizes], "o-", label=name
        )
    axes.axhline(WANTED_MS, color=theme.faint, linestyle=":")
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.tick_params(colors=theme.ink)
    axes.set_xlabel("events in the log", color=theme.ink)
    axes.set_title("The 99th of a hundred calls, in ms", loc="left", fontsize=11, color=theme.ink)
    axes.legend(frameon=False, labelcolor=theme.ink)
    for spine in axes.spines.values():
        spine.set_color(theme.line)
    figure.savefig(folder / f"log-{theme.name}.png", dpi=160, facecolor=theme.paper)
    plt.close(figure)


if __name__ == "__main__":
    main()
