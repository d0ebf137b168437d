"""`keys`: creates, lists and revokes API keys."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from json import dumps
from typing import TYPE_CHECKING, Any

import click

from tallystick.cli.command import Group
from tallystick.cli.options import (
    as_json,
    completing,
    database,
    fail,
    list_apis,
    read_settings,
    repeatable,
)
from tallystick.cli.plain_text import align
from tallystick.cli.store import with_store

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from tallystick.apis.audit_log import AuditRecord
    from tallystick.apis.key_limits import KeyLimits
    from tallystick.apis.key_management import KeyManagement
    from tallystick.apis.keys import ApiKey, ApiKeys
    from tallystick.contract.document import Document
    from tallystick.settings import Settings
    from tallystick.store import Database as Store

_KEYS = "/gateway/v1/keys"


@click.group(cls=Group)
def keys() -> None:
    """API keys: create, list, revoke."""


@keys.command("create")
@click.argument(
    "api", shell_complete=completing(list_apis), help="event_store, keyastrom, gateway …"
)
@click.option("--name", default="", help="Purpose of the key.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="Scope such as events.ingest, or '*' for all; repeatable.",
)
@click.option("--project", default="", help="Project of the key.")
@click.option(
    "--expires",
    default="",
    metavar="TIME",
    help="End of the key: a time, or a duration such as 90d.",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    help="Source of the events that the key is bound to; repeatable.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    help="Type of the events that the key is bound to; repeatable.",
)
@click.option(
    "--quota",
    "quotas",
    multiple=True,
    metavar="NAME=NUMBER",
    help="Most of requests_per_minute, events_per_minute, bytes_per_minute or "
    "deliveries_per_day; repeatable.",
)
@click.option("--admin", is_flag=True, hidden=True)
@database
@repeatable(
    "--contract",
    "contracts",
    metavar="FILE|FOLDER|URL",
    help="OpenAPI document that the API is of; repeatable.",
)
@as_json
def create_key(
    api: str,
    name: str,
    scopes: tuple[str, ...],
    project: str,
    expires: str,
    sources: tuple[str, ...],
    types: tuple[str, ...],
    quotas: tuple[str, ...],
    admin: bool,
    database: str | None,
    contracts: tuple[str, ...] | None,
    as_json: bool,
) -> None:
    """Create a key and print its secret, this one time: only its digest is stored.

    Examples:

      tallystick keys create keyastrom --name ci --scope events.ingest
      tallystick keys create gateway --scope events:read --expires 90d
      tallystick keys create crm --contract crm.yaml
      tallystick keys create charon --scope '*' --source /charon/nightly-report
      tallystick keys create event_store --scope '*' --quota events_per_minute=600

    A key of eventgrid needs --project; its id is the AK, its secret is the SK and the token.
    With --json you get an object as of POST /gateway/v1/keys.
    """
    from tallystick.apis.key_limits import read_limits

    settings = read_settings(database=database, contracts=contracts)
    document = _find_document(api, settings.contracts)
    scopes = (*scopes, "*") if admin else scopes
    given = {
        "name": name,
        "scopes": list(scopes),
        "sources": list(sources),
        "types": list(types),
        "quotas": dict(map(_read_quota, quotas)),
        **({"project": project} if project else {}),
        **({"expires": expires} if expires else {}),
    }
    _refuse_against_contract(given)
    limits = read_limits(given)
    # Before the database is made, if there is none.
    _refuse_unfit_terms(document, scopes, expires, limits)

    async def create(keys: ApiKeys, store: Store) -> None:
        async with _recording(keys, store, "createKey", _KEYS) as record:
            key, secret = await _management(settings, keys, store).create_key(
                document, name=name, scopes=scopes, project=project, expires=expires, limits=limits
            )
        await record.finish(f"{_KEYS}/{key.id}")
        if as_json:
            from tallystick.apis.key_management import show_key

            print(dumps({**show_key(key, {}), "secret": secret}))
            return
        print(f"key {key.id}; its secret, shown only now:", file=sys.stderr)
        print(secret)

    with_store(settings, create)


@keys.command("list")
@database
@as_json
def list_keys(database: str | None, as_json: bool) -> None:
    """List all keys, without their secrets.

    With --json you get an array of objects, with times in UTC, or null, and with each key's limits
    and what it uses of its quotas.
    """

    async def show(keys: ApiKeys) -> None:
        if as_json:
            from tallystick.apis.key_management import show_key

            use = await keys.quotas.read_use()
            print(dumps([show_key(key, use) for key in await keys.list_keys()]))
            return
        times = ("created", "last used", "expires", "revoked")
        head = ("id", "api", "name", "scopes", "project", *times)
        print(align([head, *map(_row, await keys.list_keys())]), end="")

    _with_keys(database, show)


@keys.command("revoke")
@click.argument("key_id", metavar="ID", help="Id of the key, from `keys list`.")
@database
def revoke_key(key_id: str, database: str | None) -> None:
    """Revoke a key; running servers refuse it within a second.

    Example:

      tallystick keys revoke 0199f0c2-6d3a-7cc1-9a55-0d8a7c1b2e3f
    """

    async def revoke(keys: ApiKeys, store: Store) -> None:
        path = f"{_KEYS}/{key_id}"
        async with _recording(keys, store, "revokeKey", path) as record:
            is_revoked = await keys.revoke_key(key_id)
        if not is_revoked:
            await record.withdraw()
            fail(f"{key_id} is not the id of a live key: see `tallystick keys list`")
        await record.finish(path)

    with_store(read_settings(database=database), revoke)


def _find_document(api: str, contracts: Sequence[str]) -> Document:
    """Return the document of an API; end the command for an unknown name."""
    from tallystick.contract.document import ContractError, read_api
    from tallystick.contract.reader.contracts import read_contracts

    if api in list_apis():
        return read_api(api)
    try:
        own = [found.document for found in read_contracts(contracts)] if contracts else []
    except ContractError as error:
        fail(str(error))
    document = next((each for each in own if each.api == api), None)
    if document is None:
        known = [*list_apis(), *(each.api for each in own)]
        fail(f"unknown API {api}: choose one of {', '.join(known)}")
    return document


def _refuse_against_contract(given: Mapping[str, Any]) -> None:
    """End the command if one of a key's terms, by its name in the contract, is against it."""
    from tallystick.apis.key_terms import terms_schema

    for violation in terms_schema().violations(given):
        name, *place = map(str, violation.path)
        option = name if isinstance(given[name], str) else name.removesuffix("s")
        fail(" ".join([f"--{option}", *place, violation.message]))


def _read_quota(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    try:
        return name, int(number)
    except ValueError:
        fail(f"--quota is NAME=NUMBER, such as events_per_minute=600, not {text}")


def _refuse_unfit_terms(
    document: Document, scopes: Sequence[str], expires: str, limits: KeyLimits | None
) -> None:
    """End the command if the end, a scope or a limit is invalid."""
    from tallystick.apis.key_terms import read_terms
    from tallystick.clock import SystemClock
    from tallystick.contract.exceptions import Refused

    try:
        read_terms(document, scopes, expires, SystemClock().now_ms(), limits)
    except Refused as error:
        fail(str(error))


def _management(settings: Settings, keys: ApiKeys, store: Store) -> KeyManagement:
    from tallystick.apis.key_management import KeyManagement
    from tallystick.clock import SystemClock
    from tallystick.encryption import Encryptor
    from tallystick.store import load_keys

    async def find_encryptor() -> Encryptor:
        encryptor = Encryptor()
        await load_keys(settings, store, encryptor)
        return encryptor

    return KeyManagement(store, keys, SystemClock(), find_encryptor)


def _recording(
    keys: ApiKeys, store: Store, operation: str, path: str
) -> AbstractAsyncContextManager[AuditRecord]:
    """Store an entry of the audit log with what the block writes first."""
    from tallystick.apis.audit_log import COMMAND_LINE, AuditLog
    from tallystick.clock import SystemClock
    from tallystick.contract.recorded_changes import Change

    log = AuditLog(store, keys, SystemClock())
    return log.recording(COMMAND_LINE, Change(operation, path, ""))


def _with_keys(database: str | None, work: Callable[[ApiKeys], Awaitable[None]]) -> None:
    """Run `work` with the keys, beside a running server or without one."""
    with_store(read_settings(database=database), lambda keys, _: work(keys))


def _row(key: ApiKey) -> tuple[str, ...]:
    dates = map(_date, (key.created, key.used, key.expires, key.revoked))
    return key.id, key.api, key.name, " ".join(sorted(key.scopes)), key.project or "", *dates


def _date(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")
