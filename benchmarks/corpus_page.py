"""The page of what came of public documents: written from the results of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

_NUMBERS = ("operations", "served", "valid", "success", "start", "memory")
BEGIN, END = "<!-- corpus -->\n", "<!-- end of corpus -->"


@dataclass(slots=True)
class DocumentResult:
    """What came of one document."""

    name: str
    title: str = ""
    version: str = ""
    openapi: str = ""
    operations: int = 0
    served: int = 0
    valid: int = 0
    """Answers that keep the contract."""
    successes: int = 0
    """Answers with a status below 400."""
    start_s: float = 0.0
    start_mb: float = 0.0
    """The peak of the process once the mock has started."""
    slowest_s: float = 0.0
    pages_s: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)
    """Rule → how many faults of it leave something out."""
    peers: dict[str, int | None] = field(default_factory=dict)
    """Name → how many of its answers keep the contract; None where it does not start."""
    failures: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> DocumentResult:
        """Return the result that was written as JSON."""
        return cls(**json.loads(text))

    @property
    def summary(self) -> str:
        """Return it in a line."""
        return (
            f"{self.name}: {self.served}/{self.operations} served, {self.valid} valid, "
            f"{self.successes} successes, start {self.start_s:.2f} s, {self.start_mb:.0f} MB, "
            f"pages {self.pages_s:.1f} s, {self.reasons}, peers {self.peers}"
        )

    @property
    def details(self) -> str:
        """Return it with all that failed."""
        lines = [f"!! {each}" for each in self.failures] + [f"-- {each}" for each in self.refusals]
        return "\n".join([f"== {self.summary}", *lines])


def write_page(page: Path, results: Sequence[DocumentResult]) -> None:
    """Write the table into a page, between its two marks."""
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    table = "\n".join(_table(results))
    page.write_text(f"{before}{BEGIN}{table}\n{END}{after}", "utf-8")


def _table(results: Sequence[DocumentResult]) -> list[str]:
    peers = list(dict.fromkeys(name for each in results for name in each.peers))
    head = ["document", "version", "OpenAPI", *_NUMBERS, *(f"{name}: valid" for name in peers)]
    ruler = "|---|---|---|" + "--:|" * (len(_NUMBERS) + len(peers))
    rows = [_row(each, peers) for each in sorted(results, key=lambda each: each.name)]
    totals = [f"- {line}" for line in (_total(results), *(_peer_total(n, results) for n in peers))]
    return [f"| {' | '.join(head)} |", ruler, *rows, "", *totals]


def _row(result: DocumentResult, peers: Sequence[str]) -> str:
    cells = (
        result.name,
        result.version,
        result.openapi,
        result.operations,
        _served(result),
        result.valid,
        result.successes,
        f"{result.start_s:.2f} s",
        f"{result.start_mb:.0f} MB",
        *(_peer_cell(result, name) for name in peers),
    )
    return f"| {' | '.join(str(cell).replace('|', '/') for cell in cells)} |"


def _peer_cell(result: DocumentResult, name: str) -> str:
    """Its number; a dash where it does not start, nothing where it was not asked."""
    if name not in result.peers:
        return ""
    valid = result.peers[name]
    return "–" if valid is None else str(valid)


def _served(result: DocumentResult) -> str:
    """The number, and why some are left out."""
    if result.served == result.operations or not result.reasons:
        return str(result.served)
    return f"{result.served} ({', '.join(sorted(result.reasons))})"


def _total(results: Sequence[DocumentResult]) -> str:
    operations, served = (sum(getattr(r, n) for r in results) for n in ("operations", "served"))
    valid, successes = (sum(getattr(r, n) for r in results) for n in ("valid", "successes"))
    return (
        f"{len(results)} documents with {operations:,} operations: {served:,} are served, "
        f"{valid:,} of the answers keep the document, and {successes:,} are successes."
    )


def _peer_total(name: str, results: Sequence[DocumentResult]) -> str:
    asked = [each for each in results if name in each.peers]
    started = [valid for each in asked if (valid := each.peers[name]) is not None]
    ours = sum(each.valid for each in asked)
    return (
        f"{name} was given {len(asked)} of them and starts with {len(started)}: {sum(started):,} "
        f"of its answers keep the document, and {ours:,} of Tallystick's to the same requests."
    )
