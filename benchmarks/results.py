"""What was measured, and what follows from it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.load import CONNECTIONS
from benchmarks.programs import Program


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of request at one program, in one round."""

    cpu_us: float
    """CPU time of the program's processes for one request."""
    database_cpu_us: float | None
    """That of the database's processes, where it is another program."""
    requests_per_s: float
    p50_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Run:
    """One program in one round."""

    cells: dict[str, Cell]
    resident_mb: float
    first_answer_s: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times more one program costs than another."""

    of_lowest: float
    """Of the lowest cost of all rounds."""
    lowest: float
    highest: float
    """Of the costs within one round."""


@dataclass
class Results:
    """All rounds of all programs."""

    date: str
    machine: dict[str, Any]
    load: dict[str, Any]
    left_out: dict[str, str]
    does: dict[str, str] = field(default_factory=dict)
    runs: dict[str, list[Run]] = field(default_factory=dict)

    @classmethod
    def of_this_machine(cls, generator: str, seconds: int, left_out: dict[str, str]) -> Results:
        """No rounds yet, on this machine, today."""
        return cls(
            date=datetime.now(UTC).date().isoformat(),
            machine=machine(),
            load={"generator": generator, "connections": CONNECTIONS, "seconds": seconds},
            left_out=left_out,
        )

    def add(self, program: Program, run: Run) -> None:
        """Add a program's next round."""
        self.does[program.name] = program.does
        self.runs.setdefault(program.name, []).append(run)

    def cells(self, name: str, work: str) -> list[Cell]:
        """One program's cells of one kind of request, by round."""
        return [run.cells[work] for run in self.runs[name]]

    def costs(self, name: str, work: str) -> list[float]:
        """CPU µs a request, by round."""
        return [cell.cpu_us for cell in self.cells(name, work)]

    def ratio(self, work: str, dear: str, cheap: str) -> Ratio | None:
        """How many times the cost of `cheap` that of `dear` is; None if either was left out."""
        if dear not in self.runs or cheap not in self.runs:
            return None
        dears, cheaps = self.costs(dear, work), self.costs(cheap, work)
        each = [d / c for d, c in zip(dears, cheaps, strict=True)]
        return Ratio(min(dears) / min(cheaps), min(each), max(each))

    def best(self, name: str, work: str, figure: Callable[[Cell], float]) -> float:
        """The lowest of a figure over all rounds."""
        return min(map(figure, self.cells(name, work)))

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_rounded(asdict(self)), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Results:
        """What was written."""
        read = json.loads(path.read_text(encoding="utf-8"))
        read["runs"] = {name: [_run(each) for each in runs] for name, runs in read["runs"].items()}
        return cls(**read)


def machine() -> dict[str, Any]:
    """This machine, and how busy it is now."""
    return {
        "cores": os.cpu_count(),
        "cpu": _cpu_model(),
        "system": platform.system(),
        "python": platform.python_version(),
        "busy": round(os.getloadavg()[0], 1),
    }


def _run(content: dict[str, Any]) -> Run:
    cells = {name: Cell(**cell) for name, cell in content.pop("cells").items()}
    return Run(cells, **content)


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 3) if isinstance(value, float) else value


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
