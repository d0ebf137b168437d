"""`verify` and `diff`: gate a build by the contracts."""

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
    contract: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE|FOLDER|URL", help="OpenAPI document to judge by instead; repeatable."
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
    only: Annotated[
        str | None,
        typer.Option(metavar="page", help="Judge by the vendor's page alone, without our rulings."),
    ] = None,
    suite: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Suite, such as vector or fuzz; repeatable."),
    ] = None,
    check: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATTERN", help="Check by its name in the reports, * is any text; repeatable."
        ),
    ] = None,
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
    """Check any server against the contracts.

    The exit code is 0 if it conforms, 1 if it does not, 2 if the check could not be made.

    Examples:

      tallystick verify http://127.0.0.1:9000 --api event_store --report html=report.html

      tallystick verify https://staging.example.com --api event_store --safe

    Set secrets as environment variables such as TALLYSTICK_CONTRACT_EVENT_STORE_KEY. If you set
    none, a server on this machine gets those of the dev world. See docs/verify.md.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.verify(
            url,
            report or (),
            credential or (),
            known or (),
            api=api,
            contract=contract,
            budget=budget,
            safe=safe,
            only=only,
            suite=suite,
            check=check,
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
        typer.Option(
            metavar="KIND=FILE", help="Report: markdown, junit, sarif or github; repeatable."
        ),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="File of patterns of known breaking changes."),
    ] = None,
    rules: Annotated[
        str, typer.Option(help="own, or redocly for those of an installed Redocly.")
    ] = "own",
    fail_on: Annotated[
        str, typer.Option(help="Fail from this level on: breaking, warning, any or none.")
    ] = "breaking",
) -> None:
    """Compare two contracts: exit code 0 if compatible, 1 if breaking, 2 if the command failed.

    Example: tallystick diff main/event_store.yaml openapi/event_store.yaml

    If an error code is renamed, moved or removed, it breaks clients as a removed field does.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.diff(old, new, report or (), baseline, rules=rules, fail_on=fail_on)
    except gate.CannotRun as error:
        fail(str(error))
    raise typer.Exit(code)
