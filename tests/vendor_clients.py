"""The table of vendors' clients in the docs: what the tests do with each, and in which version.

A test belongs to the table by its mark: ``@pytest.mark.vendor_client("dt")``. Its name tells what
the client does. ``make vendor-clients`` runs this file as a program, which runs these tests and
writes the table of those that passed into `docs/keyastrom.md`.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Generator
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "keyastrom.md"
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


class PassedTests:
    """A plugin of pytest that keeps what each client did in the tests that passed."""

    def __init__(self) -> None:
        self.done: dict[str, list[str]] = {name: [] for name in CLIENTS}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep the sentence of a test that passed, once."""
        report = yield
        client, sentence = client_of(item), sentence_of(item.name)
        if client and report.when == "call" and report.passed and sentence not in self.done[client]:
            self.done[client].append(sentence)
        return report


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
    """Run the clients, and write the page anew if each of them did what its tests say."""
    passed = PassedTests()
    status = int(pytest.main([str(ROOT / "tests"), "-m", "vendor_client"], plugins=[passed]))
    if idle := [name for name, sentences in passed.done.items() if not sentences]:
        print(f"the page is left as it is: nothing passed of {', '.join(idle)}", file=sys.stderr)
        return status or 1
    if status == 0:
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(with_table(text, passed.done), encoding="utf-8")
    return status


if __name__ == "__main__":
    sys.exit(main())
