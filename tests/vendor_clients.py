"""The table of vendors' clients in the docs: what the tests do with each, and in which version.

A test belongs to the table by its mark: ``@pytest.mark.vendor_client("dt")``. Its name tells what
the client does. ``make vendor-clients`` runs these tests, and then this file as a program, which
writes the table of those that passed into `docs/keyastrom.md`.
"""

from __future__ import annotations

import json
import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "keyastrom.md"
RESULTS = ROOT / "build" / "vendor-clients.json"
_PACKAGES = ROOT / "tests" / "keyastrom" / "node_clients" / "package.json"
_DT_ASYNC = ROOT / "tests" / "fixtures" / "dt-async.txt"

CLIENTS = {
    "dt": "PyPI",
    "dt-async": "PyPI",
    "@dynatrace-oss/dynatrace-managed-mcp-server": "npm",
    "@dynatrace-sdk/client-classic-environment-v2": "npm",
}
"""Client → where it is from, in the order of the table."""

_TABLE = re.compile(r"\| client \| what the tests do with it \|\n\|---\|---\|\n(?:\|.*\n)*")


def client_of(item: pytest.Item) -> str | None:
    """Return the client that a test runs; None of another test."""
    mark = item.get_closest_marker("vendor_client")
    if mark is None:
        return None
    [name] = mark.args
    if name not in CLIENTS:
        raise pytest.UsageError(f"{item.nodeid}: {name} is no client of tests/vendor_clients.py")
    return str(name)


def keep_passed(items: list[pytest.Item]) -> None:
    """Write down what each client did in these tests, which have passed."""
    done: dict[str, list[str]] = {name: [] for name in CLIENTS}
    for item in items:
        client, sentence = client_of(item), sentence_of(item.name)
        if client and sentence not in done[client]:
            done[client].append(sentence)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(done))


def sentence_of(test: str) -> str:
    """Return ``reads events`` of ``test_it_reads_events[sqlite]``."""
    return re.sub(r"^test_it_|\[.*", "", test).replace("_", " ")


def table(done: dict[str, list[str]]) -> str:
    """Return the table of the page."""
    rows = [
        f"| `{name}` {_version_of(name)} ({origin}) | {'; '.join(done[name])} |\n"
        for name, origin in CLIENTS.items()
    ]
    return "| client | what the tests do with it |\n|---|---|\n" + "".join(rows)


def _version_of(name: str) -> str:
    if CLIENTS[name] == "npm":
        return str(json.loads(_PACKAGES.read_bytes())["dependencies"][name])
    if name == "dt-async":
        return _DT_ASYNC.read_text(encoding="utf-8").partition("dt-async==")[2].split()[0]
    return version(name)


def with_table(page: str, done: dict[str, list[str]]) -> str:
    """Return the page with the table of these results."""
    written, replaced = _TABLE.subn(lambda _: table(done), page)
    assert replaced == 1
    return written


def main() -> int:
    """Write the page anew from the results of the last run."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(text, json.loads(RESULTS.read_bytes())), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
