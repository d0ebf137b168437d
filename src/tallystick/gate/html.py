"""Writes a report for people: one HTML file without external resources."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import groupby

from tallystick.gate.outcome import CheckResult, CoverageCell, Outcome, VerifyRun

_VERDICTS = ("Conforms", "Does not conform", "Could not be judged")
_CLASSES = ("passed", "failed", "error")


def html(run: VerifyRun, version: str) -> str:
    """Return the run as an HTML page."""
    style = files("tallystick.gate").joinpath("report.css").read_text(encoding="utf-8")
    verdict = _VERDICTS[run.exit_code]
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(verdict)}: {escape(run.url)}</title>",
            f"<style>{style}</style></head><body>",
            *_header(run, verdict, version),
            "<main>",
            *_failures(run),
            *_matrix(run),
            *_others(run),
            "</main></body></html>",
            "",
        ]
    )


def _header(run: VerifyRun, verdict: str, version: str) -> Iterator[str]:
    yield f'<header class="{_CLASSES[run.exit_code]}">'
    yield f'<p class="tool">tallystick verify {version}</p>'
    yield f"<h1>{verdict}</h1><p class='url'>{escape(run.url)}</p><ul class='counts'>"
    for outcome, count in run.counts.items():
        yield f'<li class="{outcome}"><b>{count}</b> {outcome}</li>'
    yield f"</ul><p class='how'>{escape(', '.join(run.apis))} · {run.answers} answers · "
    yield f"{escape(run.seen)}<br>"
    yield f"{escape(run.started)} · {run.duration} · <code>--budget {run.budget}"
    yield f" --seed {run.seed}</code></p></header>"


def _failures(run: VerifyRun) -> Iterator[str]:
    results = run.list_results(Outcome.FAILED, Outcome.ERROR)
    if not results:
        return
    yield f"<section><h2>Failures <small>{len(results)}</small></h2>"
    for index, result in enumerate(results):
        yield from _failure(result, opened=index < 3)
    yield "</section>"


def _failure(result: CheckResult, opened: bool) -> Iterator[str]:
    yield f'<details class="{result.outcome}"{" open" if opened else ""}><summary>'
    yield f"<span class='where'>{escape(result.api)} {escape(result.suite)}</span> "
    yield f"{escape(result.name)}{' <small>ruling</small>' if result.ruling else ''}</summary><div>"
    if result.reason:
        yield f"<p>{escape(result.reason)}</p>"
    if result.objections:
        items = "".join(f"<li>{escape(text)}</li>" for text in result.objections)
        yield f"<ul class='objections'>{items}</ul>"
    for title, text in (
        ("Expected", result.asked),
        ("Received", result.came),
        ("Send it again", result.sent),
    ):
        if text:
            yield f"<h4>{title}</h4><pre>{escape(text)}</pre>"
    if result.places:
        places = "".join(
            f"<li>{escape(place.says)} <code>{escape(str(place))}</code></li>"
            for place in result.places
        )
        yield f"<h4>Sources</h4><ul class='places'>{places}</ul>"
    yield "</div></details>"


def _matrix(run: VerifyRun) -> Iterator[str]:
    yield "<section><h2>Answers seen</h2>"
    yield "<p class='key'><i class='seen'>seen</i> <i class='unseen'>declared, not seen</i> "
    yield "<i class='undeclared'>seen, not declared</i></p><div class='matrix'>"
    for operation, cells in groupby(run.coverage, key=lambda cell: cell.operation):
        yield from _operation(operation, list(cells))
    yield "</div></section>"


def _operation(name: str, cells: list[CoverageCell]) -> Iterator[str]:
    method, _, path = name.partition(" ")
    # A long path may break after each slash.
    shown = escape(path).replace("/", "/<wbr>")
    yield f"<article><h3><b>{escape(method)}</b> {shown}</h3><dl>"
    by_status = sorted(cells, key=lambda cell: cell.status)
    for status, group in groupby(by_status, key=lambda cell: cell.status):
        chips = "".join(_chip(cell) for cell in group)
        yield f"<dt>{status}</dt><dd>{chips}</dd>"
    yield "</dl></article>"


def _chip(cell: CoverageCell) -> str:
    kind = "undeclared" if not cell.declared else "seen" if cell.count else "unseen"
    label = escape(cell.code) or "any"
    return f'<i class="{kind}" title="{cell.count} times">{label}<s>{cell.count or ""}</s></i>'


def _others(run: VerifyRun) -> Iterator[str]:
    titles = (
        (Outcome.SKIPPED, "Skipped"),
        (Outcome.DISABLED, "Disabled"),
        (Outcome.PASSED, "Passed"),
    )
    for outcome, title in titles:
        results = run.list_results(outcome)
        if results:
            yield f"<details class='list'><summary>{title} <small>{len(results)}</small></summary>"
            for reason, group in groupby(sorted(results, key=_reason), key=_reason):
                items = "".join(f"<li>{escape(result.id)}</li>" for result in group)
                yield f"<p>{escape(reason)}</p><ul>{items}</ul>"
            yield "</details>"


def _reason(result: CheckResult) -> str:
    return result.reason
