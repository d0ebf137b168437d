"""The pre-commit hook stops a breaking change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from gate.in_ci import PATH, ROOT, run

BASE = Path(__file__).parent / "parcels.yaml"
HOOK = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))[0]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one contract, committed."""
    (tmp_path / "openapi").mkdir()
    shutil.copy(BASE, tmp_path / "openapi")
    for command in ("init -q", "add .", "-c user.name=n -c user.email=e commit -qm first"):
        assert run("git", *command.split(), folder=tmp_path).returncode == 0
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("W000", "W009", 1), ("summary: List parcels", "summary: List all parcels", 0)],
)
def test_the_hook_stops_a_breaking_change_alone(
    old: str, new: str, code: int, repository: Path
) -> None:
    contract = repository / "openapi" / BASE.name
    contract.write_text(BASE.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    programs = str(ROOT / "node_modules" / ".bin")
    command = (*HOOK["entry"].split(), f"openapi/{BASE.name}")
    done = run(*command, folder=repository, PATH=f"{programs}:{PATH}")
    assert done.returncode == code, done.stdout + done.stderr


def test_the_hook_lets_a_new_contract_in(repository: Path) -> None:
    (repository / "openapi" / "new.yaml").write_text("openapi: 3.0.3\n")
    done = run(*HOOK["entry"].split(), "openapi/new.yaml", folder=repository)
    assert done.returncode == 0, done.stderr
