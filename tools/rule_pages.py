"""Writes the pages of the rules of `tallystick diff`: `make rules`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tallystick.gate.diff.rules import ChangeRule, list_rules

PLACES = {
    "request": "the schema of a request's body",
    "answer": "the schema of an answer",
    "parameter": "a parameter",
    "coded": "a parameter; the document lists `C001` and `C002` as codes",
    "operation": "an operation",
    "secured": "an operation; the document has the schemes `key` and `token`",
    "responses": "the `responses` of an operation",
    "coded-responses": "the `responses` of an operation; the document lists `N404` as a code",
    "paths": "the `paths` of a document",
    "webhooks": "the `webhooks` of a document",
    "document": "the top of a document",
    "folder": "the files of a folder",
}
"""The place of an example, in words."""

LEVELS = {
    "breaking": "It is a break: `tallystick diff` exits with 1.",
    "warning": "It is a warning: `tallystick diff` tells it and exits with 0, unless you give "
    "`--fail-on warning`.",
    "addition": "It is an addition: `tallystick diff` tells it and exits with 0.",
    "note": "It is a note: `tallystick diff` tells it and exits with 0.",
}

INDEX = """\
# The rules of `tallystick diff`

Each finding of [`tallystick diff`](../diff.md) names one of these rules. This page and those of the
rules are made of `rules.yaml` in the source, whose examples a test compares.

| rule | level | concerns | |
|---|---|---|---|
"""


def list_pages() -> Mapping[str, str]:
    """Return the text of each page by its file's name, the index first."""
    rules = list_rules().values()
    rows = "".join(
        f"| [{rule.id}]({rule.id}.md) | {rule.level} | {rule.concerns} | {rule.title} |\n"
        for rule in rules
    )
    return {"index.md": INDEX + rows, **{f"{rule.id}.md": write_page(rule) for rule in rules}}


def write_page(rule: ChangeRule) -> str:
    """Return the page of one rule."""
    return "\n".join(
        [
            f"# {rule.id}",
            "",
            f"{rule.title}. {LEVELS[rule.level]}",
            "",
            f"The change concerns {rule.concerns}. {rule.why}",
            "",
            f"The smallest example, in {PLACES[rule.at]}:",
            "",
            *_block("before", rule.old),
            "",
            *_block("after", rule.new),
            "",
            "[All rules](index.md)",
            "",
        ]
    )


def _block(when: str, text: str) -> list[str]:
    return ["```yaml", f"# {when}", *(text.splitlines() or ["# nothing"]), "```"]


def main(folder: Path) -> None:
    """Write all pages into a folder, and remove those of rules that are gone."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = list_pages()
    for file in folder.glob("*.md"):
        if file.name not in pages:
            file.unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
