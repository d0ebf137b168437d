from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"
DOCUMENTS = sorted((ROOT / "openapi").glob("*.yaml"))
OUR_RULES = set(
    re.findall(r"(?:tallystick|error-codes)/[a-z-]+", (ROOT / "redocly.yaml").read_text("utf-8"))
)


@pytest.fixture(scope="module", autouse=True)
def _redocly_is_there() -> None:
    if REDOCLY.exists() and shutil.which("node"):
        return
    reason = "the contracts are NOT linted: this needs node, and `npm ci --ignore-scripts`"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def problems(document: Path) -> list[dict[str, Any]]:
    """What Redocly finds in one document."""
    done = subprocess.run(
        [REDOCLY, "lint", "--format=json", document.relative_to(ROOT)],
        cwd=ROOT,
        env={**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"},
        capture_output=True,
        check=False,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["problems"]
    return [problem for problem in found if not problem.get("ignored")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_a_contract(document: Path) -> None:
    found = problems(document)
    assert [f"{p['location'][0].get('pointer', '')}: {p['message']}" for p in found] == []


def test_each_rule_of_ours_finds_what_breaks_it() -> None:
    assert OUR_RULES
    assert {p["ruleId"] for p in problems(ROOT / "tests/fixtures/unfit.yaml")} >= OUR_RULES
