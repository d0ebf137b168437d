"""The text and the HTML of a mail about a contract's failed call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import orjson

from tallystick.apis.eventhos import action_request
from tallystick.delivery import Attempt
from tallystick.events import Event
from tallystick.secret_names import mask_text
from tallystick.times import format_ms

BODY_LIMIT = 20 * 1024
"""The limit in characters of a body in the mail."""

_STYLE = "border: 1px solid #ccc; padding: 4px 8px; text-align: left; vertical-align: top"


class ContractNames(NamedTuple):
    """The names of a contract's parts, and the recipients of its mails."""

    contract: str
    event: str
    producer: str
    action: str
    consumer: str
    recipients: str


class Table(NamedTuple):
    """A table of names and values."""

    title: str
    rows: Sequence[tuple[str, str]]


def list_tables(names: ContractNames, event: Event, attempt: Attempt, scheme: str) -> list[Table]:
    """Return what a reader needs: the contract, the received request and the action's answer.

    `scheme` is that of the server's public address.
    """
    return [
        Table(
            "Contract",
            [
                ("contract", names.contract),
                ("when", names.event),
                ("in", names.producer),
                ("then", names.action),
                ("in", names.consumer),
            ],
        ),
        _request_table(scheme, event),
        _answer_table(attempt),
    ]


def write_text(tables: Sequence[Table]) -> str:
    """Return the tables as text."""
    return "\n\n".join(
        "\n".join([table.title, *(f"  {name}: {value}" for name, value in table.rows)])
        for table in tables
    )


def write_html(tables: Sequence[Table]) -> str:
    """Return the tables as an HTML document."""
    shown = "".join(
        f"<h2>{escape(table.title)}</h2><table>{''.join(map(_row, table.rows))}</table>"
        for table in tables
    )
    return f'<!doctype html><html lang="en"><body>{shown}</body></html>'


def _row(row: tuple[str, str]) -> str:
    name, value = map(escape, row)
    return f'<tr><th style="{_STYLE}">{name}</th><td style="{_STYLE}"><pre>{value}</pre></td></tr>'


def _request_table(scheme: str, event: Event) -> Table:
    attributes = orjson.loads(event.attributes)
    headers = action_request.received_headers(attributes)
    return Table(
        "Received request",
        [
            ("log id", event.id),
            ("time", format_ms(event.time)),
            ("url", action_request.received_url(scheme, headers, attributes.get("query", ""))),
            ("body", _masked(event.data.decode(errors="replace"))),
            ("headers", _lines(headers)),
        ],
    )


def _answer_table(attempt: Attempt) -> Table:
    record = orjson.loads(attempt.record)
    request, response = record.get("request", {}), record.get("response", {})
    status = str(response.get("status", record.get("error", "")))
    return Table(
        "Answer of the action",
        [
            ("time", format_ms(attempt.ended)),
            ("url", f"{request.get('method', '')} {request.get('url', '')}".strip()),
            ("status", status),
            ("body", response.get("body", "")[:BODY_LIMIT]),
            ("headers", _lines(dict(response.get("headers", [])))),
        ],
    )


def _lines(headers: Mapping[str, Any]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _masked(text: str) -> str:
    return mask_text(text[: 2 * BODY_LIMIT])[:BODY_LIMIT]
