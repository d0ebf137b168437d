"""`verify` and `diff`: contracts as a gate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tallystick import defaults
from tallystick.cli.options import complete_api, fail


def _complete_budget(incomplete: str) -> list[str]:
    from tallystick.gate.configuration import Budget

    return [budget.value for budget in Budget if budget.startswith(incomplete)]


def verify(
    url: Annotated[
        str | None,
        typer.Argument(help="The server's base URL.", show_default="the one of tallystick.toml"),
    ] = None,
    api: Annotated[
        list[str] | None,
        typer.Option(
            help="API to judge; repeatable.",
            show_default="all but gateway",
            autocompletion=complete_api,
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(
            help="quick, normal or thorough: 30 s, 3 or 15 min an API.",
            show_default=defaults.BUDGET,
            autocompletion=_complete_budget,
        ),
    ] = None,
    safe: Annotated[bool, typer.Option("--safe", help="Make reading calls only.")] = False,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Another seed gives other requests.", show_default=str(defaults.SEED)
        ),
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=FILE", help="Report: junit, html or sarif; repeatable."),
    ] = None,
    credential: Annotated[
        list[str] | None,
        typer.Option(
            metavar="API.NAME=SECRET", help="Credential, such as event_store.key; repeatable."
        ),
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option(metavar="API.NAME=ID", help="Known id, such as eventhos.event; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File of patterns of known failures.")
    ] = None,
) -> None:
    """Judge any server by the contracts: 0 it conforms, 1 it does not, 2 the judging failed.

    Examples:

      tallystick verify http://127.0.0.1:9000 --api event_store --report html=report.html

      tallystick verify https://staging.example.com --api event_store --safe

    Give secrets as TALLYSTICK_CONTRACT_EVENT_STORE_KEY and the like. Without them, a server on
    this machine is called with the dev world's. See docs/verify.md.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.verify(
            url,
            report or (),
            credential or (),
            known or (),
            api=api,
            budget=budget,
            safe=safe,
            seed=seed,
            baseline=baseline,
        )
    except gate.CannotRun as error:
        fail(str(error))
    raise typer.Exit(code)


def diff(
    old: Annotated[
        Path, typer.Argument(exists=True, help="The old document, or a folder of them.")
    ],
    new: Annotated[Path, typer.Argument(exists=True, help="The new document, or its folder.")],
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=FILE", help="Report: markdown, junit or sarif; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File of patterns of known breaking changes."),
    ] = None,
) -> None:
    """Compare two contracts: 0 compatible, 1 breaking, 2 the comparison failed.

    Example: tallystick diff main/event_store.yaml openapi/event_store.yaml

    A renamed, moved or removed error code breaks clients, as a removed field does.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.diff(old, new, report or (), baseline)
    except gate.CannotRun as error:
        fail(str(error))
    raise typer.Exit(code)
