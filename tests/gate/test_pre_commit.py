"""The pre-commit hook stops a breaking change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from gate.in_ci import ROOT, run

BASE = Path(__file__).parent / "parcels.yaml"
HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one contract, committed."""
    (tmp_path / "openapi").mkdir()
    shutil.copy(BASE, tmp_path / "openapi")
    commit(tmp_path)
    return tmp_path


def commit(folder: Path) -> None:
    """Make a repository of a folder, with one commit."""
    for command in ("init -q", "add .", "-c user.name=n -c user.email=e commit -qm first"):
        assert run("git", *command.split(), folder=folder).returncode == 0


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("W000", "W009", 1), ("summary: List parcels", "summary: List all parcels", 0)],
)
def test_the_hook_stops_a_breaking_change_alone(
    old: str, new: str, code: int, repository: Path
) -> None:
    contract = repository / "openapi" / BASE.name
    contract.write_text(BASE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    done = run(*HOOK["entry"].split(), f"openapi/{BASE.name}", folder=repository)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_hook_lets_a_new_contract_in(repository: Path) -> None:
    (repository / "openapi" / "new.yaml").write_text("openapi: 3.0.3\n")
    done = run(*HOOK["entry"].split(), "openapi/new.yaml", folder=repository)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("limit", "code"), [(9, 0), (5, 1)])
def test_the_hook_compares_what_is_written_in_other_files(
    limit: int, code: int, tmp_path: Path
) -> None:
    parts = tmp_path / "openapi" / "parts"
    parts.mkdir(parents=True)
    (tmp_path / "openapi" / "a.yaml").write_text(
        "openapi: 3.0.3\npaths: {/a: {$ref: parts/a.yaml}}\n", encoding="utf-8"
    )
    item = "get: {parameters: [{name: n, in: query, schema: {maxLength: 9}}], responses: {}}\n"
    (parts / "a.yaml").write_text(item, encoding="utf-8")
    commit(tmp_path)
    (parts / "a.yaml").write_text(item.replace("9", str(limit)), encoding="utf-8")
    done = run(*HOOK["entry"].split(), "openapi/parts/a.yaml", folder=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr


def test_the_hook_lets_a_first_commit_in(tmp_path: Path) -> None:
    assert run("git", "init", "-q", ".", folder=tmp_path).returncode == 0
    (tmp_path / "a.yaml").write_text("openapi: 3.0.3\n", encoding="utf-8")
    done = run(*HOOK["entry"].split(), "a.yaml", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
