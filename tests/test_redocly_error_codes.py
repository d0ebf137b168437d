"""The lint rules of docs/error-codes.md, as a team puts them beside documents of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"
PLUGIN = ROOT / "lint" / "redocly-error-codes.js"
PAGE = ROOT / "docs" / "error-codes.md"
CONFIGURATION = re.compile(r"```yaml\n(plugins:.*?)```", re.DOTALL)
EXAMPLE = ROOT / "examples" / "crm" / "crm.yaml"
FIT = "fit"

DOCUMENT = """
openapi: 3.1.0
info: {title: Parcels, version: '1'}
x-codes:
  W000: {status: 400, message: A parcel has a weight}
  W001: {status: 413, message: A parcel is too heavy}
  I001: {status: 400, message: An id is a number}
  L001: {status: 400, message: A list has some items}
  N001: {status: 400, message: A note is a short text}
  B001: {status: 400, message: Send a JSON object}
  '404': {status: 404, message: There is no such parcel}
paths:
  /parcels/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, x-error-codes: {type: I001}}}
    put:
      operationId: putParcel
      x-error-codes: {syntax: B001, type: B001}
      parameters:
        - {$ref: '#/components/parameters/limit'}
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Parcel'}}
      responses:
        '200': {description: It is there.}
        4XX: {description: A rule is broken.}
        '404': {$ref: '#/components/responses/Missing'}
components:
  parameters:
    limit:
      name: limit
      in: query
      schema: {type: string, maxLength: 2, x-error-codes: {required: L001, maxLength: L001}}
  schemas:
    Parcel:
      type: object
      required: [weight]
      properties:
        weight: {type: number, maximum: 30, x-error-codes: {required: W000, maximum: W001}}
        note: {allOf: [{$ref: '#/components/schemas/Note'}, {maxLength: 9}]}
        inner: {$ref: '#/components/schemas/Parcel'}
    Note: {type: string, minLength: 1, x-error-codes: {minLength: N001}}
  responses:
    Missing: {description: It is not there., x-codes: ['404']}
"""


class Unfit(NamedTuple):
    """A document with one fault, and the rule that finds it."""

    find: str
    put: str
    rule: str
    message: str


UNFIT = {
    "unknown-keyword": Unfit(
        "{minLength: N001}", "{minLength: N002}", "known", "N002 is not in x-codes."
    ),
    "unknown-answer": Unfit("['404']", "['404', E4]", "known", "E4 is not in x-codes."),
    "unknown-operation": Unfit("{syntax: B001", "{syntax: B2", "known", "B2 is not in x-codes."),
    "no-keyword": Unfit(
        "type: string, minLength: 1, x",
        "type: string, x",
        "keyword-exists",
        "minLength has a code, and is no rule here.",
    ),
    "keyword-elsewhere": Unfit(
        "maximum: 30, ", "", "keyword-exists", "maximum has a code, and is no rule here."
    ),
    "on-parameter": Unfit(
        "      in: query\n",
        "      in: query\n      x-error-codes: {maxLength: L001}\n",
        "keyword-exists",
        "maxLength has a code, and is no rule here.",
    ),
    "no-rule-of-requests": Unfit(
        "{syntax: B001,",
        "{weather: B001,",
        "keyword-exists",
        "weather has a code, and is no rule here.",
    ),
    "no-answer": Unfit(
        "4XX: {",
        "'400': {",
        "status-declared",
        "A rule has the code W001, so there is an answer 413.",
    ),
    "other-status": Unfit("['404']", "['404', W000]", "status-declared", "W000 goes with 400."),
    "unused": Unfit(
        "  '404': {s", "  C9: {status: 400, message: is old}\n  '404': {s", "used", "names C9."
    ),
}

Problem = tuple[str, str]
"""Rule and message."""


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Problem]]:
    """What Redocly finds in each document, by its name."""
    if not (REDOCLY.exists() and shutil.which("node")):
        reason = "the lint rules are NOT tested: this needs node, and `npm ci --ignore-scripts`"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("documents")
    _write_documents(folder)
    documents = [EXAMPLE, *folder.glob("*.yaml")]
    command = [str(REDOCLY), "lint", "--format=json", "--max-problems=1000"]
    command += [f"--config={folder}/redocly/redocly.yaml", *map(str, documents)]
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **quiet},
        capture_output=True,
        check=False,
    )
    found: dict[str, list[Problem]] = {name: [] for name in (FIT, EXAMPLE.stem, *UNFIT)}
    for report in _reports(done.stdout.decode()):
        for problem in report["problems"]:
            name = Path(problem["location"][0]["source"]["ref"]).stem
            found[name].append((problem["ruleId"], problem["message"]))
    return found


def _reports(text: str) -> Iterator[dict[str, Any]]:
    """Each document's report: Redocly writes one after the other."""
    while text := text.lstrip():
        report, end = json.JSONDecoder().raw_decode(text)
        yield report
        text = text[end:]


def _write_documents(folder: Path) -> None:
    configuration = CONFIGURATION.search(PAGE.read_text("utf-8"))
    assert configuration
    (folder / "redocly").mkdir()
    (folder / "redocly" / "redocly.yaml").write_text(configuration[1], "utf-8")
    shutil.copy(PLUGIN, folder / "redocly")
    (folder / f"{FIT}.yaml").write_text(DOCUMENT, "utf-8")
    for name, unfit in UNFIT.items():
        assert unfit.find in DOCUMENT
        text = DOCUMENT.replace(unfit.find, unfit.put, 1)
        (folder / f"{name}.yaml").write_text(text, "utf-8")


@pytest.mark.parametrize("name", [FIT, EXAMPLE.stem])
def test_nothing_is_wrong_with_codes_that_keep_the_rules(
    problems: dict[str, list[Problem]], name: str
) -> None:
    assert problems[name] == []


@pytest.mark.parametrize("name", UNFIT)
def test_the_rule_finds_a_fault(problems: dict[str, list[Problem]], name: str) -> None:
    unfit = UNFIT[name]
    assert any(
        rule == f"error-codes/{unfit.rule}" and message.endswith(unfit.message)
        for rule, message in problems[name]
    ), problems[name]
