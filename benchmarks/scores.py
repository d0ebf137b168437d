"""What servers passed of the contract suite: ``python -m benchmarks.scores FILE PAGE``.

It writes the tables of the JSON into the page, between two marks. It needs nothing but Python, as
the plot reads the same in the peers' environment.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

SUITES = {
    "vector": "vectors",
    "bytes": "bytes",
    "log": "log",
    "fuzz": "fuzz",
    "coverage": "coverage",
}
"""Each suite's name, and how the tables call it."""

OURS = "Tallystick"
BEGIN, END = "<!-- scoreboard -->\n", "<!-- end of scoreboard -->"
_KINDS_SHOWN = 4
_IMAGES = "images"


class Tally(NamedTuple):
    """How many checks of a suite were passed, of those that could be judged."""

    passed: int
    all: int

    def __str__(self) -> str:
        return f"{self.passed} / {self.all}" if self.all else "–"

    @property
    def share(self) -> float:
        """What was passed, of 1."""
        return self.passed / self.all if self.all else 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """One server at one API."""

    seconds: float
    answers: int
    suites: dict[str, Tally]
    failures: dict[str, int]
    """By kind, and how many checks failed so."""
    errors: list[str] = field(default_factory=list)
    """Why checks could not run."""

    @classmethod
    def of_none(cls, found: Score, why: str) -> Score:
        """No check counts."""
        none = dict.fromkeys(found.suites, Tally(0, 0))
        return cls(found.seconds, found.answers, none, {}, [why])


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server: what it is, and how it was run."""

    version: str
    mode: str
    command: str
    """``FILE`` stands for the contract, ``PORT`` for the port."""


@dataclass(slots=True)
class Scoreboard:
    """All scores, by API and server."""

    date: str
    machine: dict[str, Any]
    budget: str
    seed: int
    left_out: dict[str, str]
    contestants: dict[str, Contestant]
    scores: dict[str, dict[str, Score]] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write everything as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Scoreboard:
        """What was written."""
        content = json.loads(path.read_text(encoding="utf-8"))
        named = content["contestants"].items()
        content["contestants"] = {name: Contestant(**each) for name, each in named}
        content["scores"] = {
            api: {name: _score(each) for name, each in scores.items()}
            for api, scores in content["scores"].items()
        }
        return cls(**content)

    def total(self, name: str, suite: str) -> Tally:
        """What a server passed of a suite, at all APIs."""
        tallies = [scores[name].suites[suite] for scores in self.scores.values() if name in scores]
        return Tally(sum(each.passed for each in tallies), sum(each.all for each in tallies))


def _score(content: dict[str, Any]) -> Score:
    suites = {suite: Tally(*tally) for suite, tally in content.pop("suites").items()}
    return Score(suites=suites, **content)


def markdown(board: Scoreboard) -> str:
    """The tables, the plot and how they were made."""
    return "\n".join([*_in_all(board), *_by_api(board), *_recipe(board)])


def _in_all(board: Scoreboard) -> Iterator[str]:
    apis = ", ".join(board.scores)
    yield f"The checks each server passed, of all judged ones ({apis}):\n"
    said = "; ".join(
        f"{name} {board.total(name, 'vector').share:.0%}" for name in board.contestants
    )
    yield "<picture>"
    yield (
        f'  <source media="(prefers-color-scheme: dark)" srcset="{_IMAGES}/scoreboard-dark.png">'
    )
    yield f'  <img alt="Vectors passed: {said}" src="{_IMAGES}/scoreboard-light.png">'
    yield "</picture>\n"
    yield from _table(
        ("server", *SUITES.values()),
        (
            [name, *(_percent(board.total(name, each)) for each in SUITES)]
            for name in board.contestants
        ),
    )


def _percent(tally: Tally) -> str:
    return f"{tally} ({tally.share:.0%})" if tally.all else str(tally)


def _by_api(board: Scoreboard) -> Iterator[str]:
    for api, scores in board.scores.items():
        yield f"### {api}\n"
        columns = ("server", *SUITES.values(), "answers", "seconds")
        yield from _table(columns, ([name, *_cells(score)] for name, score in scores.items()))
        yield "The failures, by kind:\n"
        yield from (f"- {name}: {_said(score)}" for name, score in scores.items())
        yield ""


def _cells(score: Score) -> Iterator[str]:
    yield from (str(score.suites[suite]) for suite in SUITES)
    yield f"{score.answers:,}"
    yield f"{score.seconds:.0f}"


def _said(score: Score) -> str:
    ranked = Counter(score.failures).most_common()
    said = [f"{kind} ({count})" for kind, count in ranked[:_KINDS_SHOWN]]
    if rest := sum(count for _, count in ranked[_KINDS_SHOWN:]):
        said.append(f"other kinds ({rest})")
    return "; ".join([*said, *(f"not judged: {error}" for error in score.errors)]) or "all passed"


def _recipe(board: Scoreboard) -> Iterator[str]:
    yield "## How each was run\n"
    rows = (
        [name, one.version, f"`{one.command}`", one.mode] for name, one in board.contestants.items()
    )
    yield from _table(("server", "version", "command", "mode"), rows, "---")
    yield "```sh"
    verify = "tallystick verify http://127.0.0.1:PORT --api API"
    yield f"{verify} --budget {board.budget} --seed {board.seed}"
    yield "```\n"
    machine = board.machine
    yield (
        f"On {board.date}: {machine['cores']} cores ({machine['cpu']}), Python "
        f"{machine['python']}, a load of {machine['busy']} at the start."
    )
    for name, why in board.left_out.items():
        yield f"Left out: {name}, {why}."
    yield ""


def _table(
    columns: Iterable[str], rows: Iterable[Iterable[str]], mark: str = "--:"
) -> Iterator[str]:
    first, *others = columns
    yield f"| {' | '.join([first, *others])} |"
    yield f"|{'|'.join(['---', *[mark] * len(others)])}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def put(board: Scoreboard, page: Path) -> None:
    """Write the tables into a page, between its marks."""
    text = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    made = f"{BEGIN}{markdown(board)}{END}"
    page.write_text(pattern.sub(lambda _: made, text), encoding="utf-8")


if __name__ == "__main__":
    put(Scoreboard.read(Path(sys.argv[1])), Path(sys.argv[2]))
