"""The command line."""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError

from tallystick.settings import Settings

if TYPE_CHECKING:
    from tallystick.apis.keys import ApiKey, ApiKeys
    from tallystick.contract.exceptions import Violation
    from tallystick.store import Database as Store

app = typer.Typer(
    help="Five real event APIs, served from their contracts.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
keys_app = typer.Typer(help="API keys: create, list, revoke.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
entities_app = typer.Typer(help="Monitored entities of keyastrom.", no_args_is_help=True)
app.add_typer(entities_app, name="entities")
charon_app = typer.Typer(help="charon: commands as executions of crons.", no_args_is_help=True)
app.add_typer(charon_app, name="charon")

COULD_NOT_RUN = 2
_SHOWN = 20
"""Violations of one file that are worth reading."""

Kind = TypeVar("Kind", bound=Settings)

Database = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Where events are kept. [sqlite:///var/tallystick.db]"),
]


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any free one. [8080]")] = None,
    database: Database = None,
    dev: Annotated[bool, typer.Option("--dev", help="Seed a world with known keys.")] = False,
    connexion: Annotated[
        bool, typer.Option("--connexion", help="Serve by unmodified Connexion.")
    ] = False,
    stock: Annotated[bool, typer.Option("--stock", hidden=True)] = False,
    cors_origin: Annotated[
        list[str] | None, typer.Option(help="Origin that browsers may call from; repeatable.")
    ] = None,
) -> None:
    """Serve the APIs.

    Examples:

      tallystick serve --dev

      tallystick serve --host 0.0.0.0 --database sqlite:////var/lib/tallystick/events.db

    Without --dev there are no credentials: make them by `tallystick keys create`.
    Every option can also be set by an environment variable, such as TALLYSTICK_PORT.
    """
    given = {
        "host": host,
        "port": port,
        "database": database,
        "dev": dev or None,
        "connexion": connexion or stock or None,
        "cors_origins": tuple(cors_origin) if cors_origin else None,
    }
    settings = _settings(**given)
    _wait_with_collecting()
    # The server brings a web framework with it, which `keys` and `--help` need not wait for.
    from tallystick import server

    try:
        server.run(settings)
    except server.CannotStart as error:
        _fail(str(error))


def _wait_with_collecting() -> None:
    """Leave garbage alone until the server has started: nearly all that is made by then stays."""
    gc.disable()


@app.command()
def mock(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any free one. [8080]")] = None,
    seed: Annotated[int | None, typer.Option(help="Make ids, times and tokens repeat.")] = None,
    world: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML: what is there at start.")
    ] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen where others can reach it.")
    ] = False,
) -> None:
    """Serve the APIs from memory, with a hand on them: rules, faults, journal, clock, reset.

    Examples:

      tallystick mock

      tallystick mock --port 0 --seed 1

    The requests that come are shown at /mock.
    """
    from tallystick.mock.settings import ALWAYS, MockSettings

    given = {
        "host": host,
        "port": port,
        "seed": seed,
        "world": world,
        "allow_remote": allow_remote or None,
    }
    settings = _made(MockSettings, {**given, **ALWAYS})
    _wait_with_collecting()
    from tallystick import server
    from tallystick.mock.mock import Mock

    try:
        server.run(settings, Mock(settings))
    except server.CannotStart as error:
        _fail(str(error))


@app.command()
def proxy(
    upstream: Annotated[str, typer.Option(metavar="URL", help="The server to pass calls on to.")],
    host: Annotated[str | None, typer.Option(help="Address to listen on. [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes any free one. [8080]")] = None,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Listen where others can reach it.")
    ] = False,
) -> None:
    """Pass calls on to a real server, and hold both directions to the contracts.

    Example: tallystick proxy --upstream https://api.example.com

    What is wrong is said in the answer's header Tallystick-Violations, and shown at /mock.
    """
    from tallystick.mock.settings import ALWAYS, PASSED, MockSettings

    if not re.match("https?://[^/?#]", upstream):
        _fail("--upstream is a URL such as https://api.example.com")
    given = {"host": host, "port": port, "allow_remote": allow_remote or None}
    settings = _made(MockSettings, {**given, **ALWAYS, "body_limit": PASSED})
    _wait_with_collecting()
    from tallystick import server
    from tallystick.mock.proxy import Proxy

    try:
        server.run(settings, Proxy(settings, upstream))
    except server.CannotStart as error:
        _fail(str(error))


@app.command()
def worker(database: Database = None) -> None:
    """Deliver what servers on the same PostgreSQL accept, and nothing else.

    Servers deliver too; workers beside them share the work.

    Example: tallystick worker --database postgresql://tallystick@db/tallystick
    """
    settings = _settings(database=database)
    from tallystick import server

    try:
        server.work(settings)
    except server.CannotStart as error:
        _fail(str(error))


@app.command()
def verify(
    url: Annotated[
        str | None, typer.Argument(help="The server's base URL; else the one of tallystick.toml.")
    ] = None,
    api: Annotated[
        list[str] | None, typer.Option(help="API to judge; repeatable. [all but gateway]")
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(help="quick, normal or thorough: 30 s, 3 or 15 min an API. [quick]"),
    ] = None,
    safe: Annotated[bool, typer.Option("--safe", help="Send nothing that may write.")] = False,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Another seed gives other requests. [20240201]")
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=FILE", help="junit, html or sarif; repeatable."),
    ] = None,
    credential: Annotated[
        list[str] | None,
        typer.Option(metavar="API.NAME=SECRET", help="Such as event_store.key; repeatable."),
    ] = None,
    known: Annotated[
        list[str] | None,
        typer.Option(metavar="API.NAME=ID", help="Such as eventhos.event; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Patterns of failures that are known.")
    ] = None,
) -> None:
    """Judge any server by the contracts: 0 it conforms, 1 it does not, 2 that can't be said.

    Examples:

      tallystick verify http://127.0.0.1:9000 --api event_store --report html=report.html

      tallystick verify https://staging.example.com --api event_store --safe

    Secrets are best given as TALLYSTICK_CONTRACT_EVENT_STORE_KEY and the like. Without any, a
    server on this machine is taken to have the dev world's. See docs/verify.md.
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
        _fail(str(error))
    raise typer.Exit(code)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(exists=True, help="A document, or a folder of them.")],
    new: Annotated[Path, typer.Argument(exists=True, help="The same, changed.")],
    report: Annotated[
        list[str] | None,
        typer.Option(metavar="KIND=FILE", help="markdown, junit or sarif; repeatable."),
    ] = None,
    baseline: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Patterns of breaking changes that are known."),
    ] = None,
) -> None:
    """Compare two contracts: 0 compatible, 1 breaking, 2 they could not be compared.

    Example: tallystick diff main/event_store.yaml openapi/event_store.yaml

    An error code that is renamed, moved or removed breaks clients, as a removed field does.
    """
    from tallystick.gate import command as gate

    try:
        code = gate.diff(old, new, report or (), baseline)
    except gate.CannotRun as error:
        _fail(str(error))
    raise typer.Exit(code)


@app.command()
def clients(
    language: Annotated[str, typer.Argument(help="go, java, python, rust or typescript.")],
    api: Annotated[str, typer.Option(help="event_store, eventhos, charon …")],
    out: Annotated[Path, typer.Option(metavar="DIR", file_okay=False, help="The package.")],
) -> None:
    """Write a client of one API: a package with its README, ready to be built.

    Example: tallystick clients python --api event_store --out event_store_client

    It needs Java, and the extra: pip install 'tallystick[clients]'. See docs/clients.md.
    """
    from tallystick import clients

    for given, known in ((language, clients.languages()), (api, clients.apis())):
        if given not in known:
            _fail(f"there is no client for {given}: it is one of {', '.join(known)}")
    try:
        clients.generate([clients.ClientPackage(language, api, out)])
    except (clients.CannotGenerate, OSError) as error:
        _fail(str(error))


@keys_app.command("create")
def create_key(
    api: Annotated[str, typer.Argument(help="event_store, keyastrom, gateway …")],
    name: Annotated[str, typer.Option(help="What the key is for.")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="Scope such as events.ingest; repeatable.")
    ] = None,
    project: Annotated[str, typer.Option(help="Project the key belongs to.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="Allow management.")] = False,
    database: Database = None,
) -> None:
    """Make a key and print its secret, once: it is not kept in clear.

    Example: tallystick keys create keyastrom --name ci --scope events.ingest

    A key of eventgrid needs --project; its id is the AK, its secret the SK and the token.
    """
    if api not in _apis():
        _fail(f"there is no API {api}: it is one of {', '.join(_apis())}")
    settings = _settings(database=database)

    async def create(keys: ApiKeys, store: Store) -> None:
        wanted = (name, scope or (), project, admin)
        # An API whose keys do more than open its doors makes them itself.
        if make := _maker_of(api):
            key, secret = await make(settings, store, keys, *wanted)
        else:
            key, secret = await keys.create(api, *wanted)
        print(f"key {key.id}; its secret, shown only now:", file=sys.stderr)
        print(secret)

    _with_store(settings, create)


@keys_app.command("list")
def list_keys(database: Database = None) -> None:
    """List all keys, without their secrets."""

    async def show(keys: ApiKeys) -> None:
        from rich.console import Console
        from rich.table import Table

        table = Table("id", "api", "name", "scopes", "project", "created", "revoked", box=None)
        for key in await keys.list():
            scopes = " ".join(sorted(key.scopes)) + (" admin" if key.admin else "")
            created, revoked = _date(key.created), _date(key.revoked)
            table.add_row(key.id, key.api, key.name, scopes, key.project, created, revoked)
        Console(width=None if sys.stdout.isatty() else 200).print(table)

    _with_keys(database, show)


@keys_app.command("revoke")
def revoke_key(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    database: Database = None,
) -> None:
    """Revoke a key; running servers refuse it within a second.

    Example: tallystick keys revoke 0199f0c2-6d3a-7cc1-9a55-0d8a7c1b2e3f
    """

    async def revoke(keys: ApiKeys) -> None:
        if not await keys.revoke(key_id):
            _fail(f"there is no live key {key_id}")

    _with_keys(database, revoke)


@entities_app.command("import")
def import_entities(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="YAML or JSON.")
    ],
    database: Database = None,
) -> None:
    """Add the entities of a topology, or replace those that are there already.

    A running server selects them at once. The file is one that PUT /gateway/v1/entities takes too.

    Example: tallystick entities import topology.yaml
    """
    from rich.console import Console
    from rich.progress import Progress

    from tallystick.apis.keyastrom import topology
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Invalid

    now_ms = SystemClock().now_ms()
    try:
        world = topology.read(file.read_bytes(), now_ms)
    except Invalid as error:
        _fail("\n".join(f"{file}: {_line(violation)}" for violation in error.violations[:_SHOWN]))

    async def load(store: Store) -> None:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("entities", total=len(world))
            created, replaced = await topology.load(
                store, world, now_ms, lambda count: progress.advance(task, count)
            )
        print(f"{created} entities created, {replaced} replaced")

    _with_store(_settings(database=database), lambda _, store: load(store))


def _line(violation: Violation) -> str:
    return f"{'.'.join(map(str, violation.path))} {violation.message}".strip()


def _maker_of(api: str) -> Callable[..., Awaitable[tuple[ApiKey, str]]] | None:
    """The API's own way to make a key, if it has one."""
    module = f"tallystick.apis.{api}.create_key"
    return import_module(module).create_key if _is_there(module) else None


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@charon_app.command("exec")
def execute(
    slug: Annotated[str, typer.Argument(help="The cron's slug.")],
    command: Annotated[list[str], typer.Argument(help="The command and its arguments.")],
    url: Annotated[
        str, typer.Option(envvar="TALLYSTICK_URL", help="Where charon is.")
    ] = "http://127.0.0.1:8080",
    key: Annotated[
        str, typer.Option(envvar="TALLYSTICK_CHARON_KEY", help="This application's key.")
    ] = "",
    strict: Annotated[
        bool, typer.Option("--strict", help="Don't run the command if charon is away.")
    ] = False,
) -> None:
    """Run a command as an execution of a cron, and exit with its exit code.

    Its lines are sent as messages while it runs. If charon is away the command runs all the same,
    unless --strict. A cron that may not start now is exit code 75.

    Example: tallystick charon exec nightly-report -- ./backup.sh --full
    """
    from tallystick import charon_exec

    options = charon_exec.Options(url, key, strict)
    raise typer.Exit(asyncio.run(charon_exec.run(slug, command, options)))


def _with_keys(database: str | None, work: Callable[[ApiKeys], Awaitable[None]]) -> None:
    """Do something with the keys, beside a server that may be running."""
    _with_store(_settings(database=database), lambda keys, _: work(keys))


def _with_store(settings: Settings, work: Callable[[ApiKeys, Store], Awaitable[None]]) -> None:
    """Do something with the keys and all else that is kept."""
    from tallystick.apis.keys import ApiKeys
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Problem
    from tallystick.store import Database, StoreError

    async def run() -> None:
        store = Database(settings.database, exclusive=False)
        await store.open()
        try:
            await work(ApiKeys(store, SystemClock()), store)
        finally:
            await store.close()

    try:
        asyncio.run(run())
    except (Problem, StoreError) as error:
        _fail(str(error))


def _settings(**given: object) -> Settings:
    """The environment's settings, and over them the options that were given."""
    return _made(Settings, given)


def _made(kind: type[Kind], given: Mapping[str, object]) -> Kind:
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        _fail("\n".join(_said(each) for each in error.errors()))


def _said(error: Mapping[str, Any]) -> str:
    # A rule of several settings has words of its own, which pydantic only introduces.
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    return f"{'.'.join(map(str, error['loc']))}: {error['msg']}"


def _apis() -> list[str]:
    documents = files("tallystick.openapi").iterdir()
    return sorted(d.name.removesuffix(".yaml") for d in documents if d.name.endswith(".yaml"))


def _date(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _fail(message: str) -> NoReturn:
    print(f"tallystick: {message}", file=sys.stderr)
    raise typer.Exit(COULD_NOT_RUN)


def main() -> None:
    """Run the command line."""
    app()
