"""A release is tested, built the same each time, and published without a password."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from project import PYPROJECT, ROOT

FOLDER = ROOT / ".github/workflows"
RELEASE = yaml.safe_load((FOLDER / "release.yml").read_text("utf-8"))
JOBS: dict[str, dict[str, Any]] = RELEASE["jobs"]


@pytest.fixture(autouse=True)
def _tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are no part of what is installed."""
    monkeypatch.syspath_prepend(str(ROOT))


def commands(job: dict[str, Any]) -> str:
    """What the job runs in its shell."""
    return "\n".join(step.get("run", "") for step in job.get("steps", ()))


def test_nothing_is_published_before_all_tests_passed() -> None:
    assert JOBS["test"] == {"uses": "./.github/workflows/ci.yml"}
    assert {name: job["needs"] for name, job in JOBS.items() if name != "test"} == {
        "build": "test",
        "publish": "build",
        "attach": "publish",
        "docs": "publish",
    }


def test_a_job_may_do_what_it_needs_alone() -> None:
    assert RELEASE["permissions"] == {"contents": "read"}
    allowed = {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job}
    assert allowed == {
        "publish": {"id-token": "write"},
        "attach": {"contents": "write"},
        "docs": {"contents": "write"},
    }


def test_no_workflow_reads_a_secret() -> None:
    for workflow in FOLDER.glob("*.yml"):
        assert "secrets." not in workflow.read_text("utf-8")


def test_the_job_that_may_publish_runs_no_code_of_ours() -> None:
    assert commands(JOBS["publish"]).strip() == ""


def test_every_make_target_of_the_workflows_is_there() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    wanted = re.findall(r"^make ([a-z-]+)", "\n".join(map(commands, JOBS.values())), re.MULTILINE)
    assert wanted == ["release", "add-site-version"]
    assert set(wanted) <= set(targets)


@pytest.mark.parametrize(
    ("tag", "version", "heading", "is_right"),
    [
        ("v0.2.0", "0.2.0", "## 0.2.0 (2026-12-01)", True),
        ("v0.2.1", "0.2.0", "## 0.2.0 (2026-12-01)", False),
        ("v0.2.1", "0.2.1", "## 0.2.0 (2026-12-01)", False),
        ("v0.2.0", "0.2.0", "## 0.2.0 (not yet released)", False),
    ],
)
def test_a_tag_is_held_to_the_version_and_to_the_changes(
    tmp_path: Path, tag: str, version: str, heading: str, is_right: bool
) -> None:
    (tmp_path / "pyproject.toml").write_text(f'version = "{version}"\n')
    (tmp_path / "CHANGELOG.md").write_text(f"{heading}\n")
    [check] = [step["run"] for step in JOBS["build"]["steps"] if "the tag" in step.get("name", "")]
    env = os.environ | {"GITHUB_REF_NAME": tag}
    ran = subprocess.run(["bash", "-ec", check], cwd=tmp_path, env=env, timeout=10, check=False)
    assert (ran.returncode == 0) == is_right


def test_the_newest_changes_are_of_the_version_of_the_project() -> None:
    version = PYPROJECT["project"]["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert re.fullmatch(
        rf"{re.escape(version)} \((not yet released|\d{{4}}-\d\d-\d\d)\)", headings[0]
    )


def test_two_builds_of_a_package_are_the_same_bytes(tmp_path: Path) -> None:
    from tools import release

    built = []
    for day in (1, 2):
        folder, out = tmp_path / f"{day}/pytest-tallystick", tmp_path / f"{day}/out"
        shutil.copytree(ROOT / folder.name, folder, ignore=shutil.ignore_patterns("*.egg-info"))
        for file in folder.rglob("*"):
            os.utime(file, (day * 86_400, day * 86_400))
        release.build_package(folder, out, 1_700_000_000)
        built.append({file.name: file.read_bytes() for file in out.iterdir()})
    assert built[0] == built[1]
    assert sorted(Path(name).suffix for name in built[0]) == [".gz", ".whl"]


def test_an_archive_written_anew_has_the_same_files(tmp_path: Path) -> None:
    from tools import release

    old, new = tmp_path / "old.tar.gz", tmp_path / "new.tar.gz"
    with tarfile.open(old, "w:gz") as archive:
        archive.add(ROOT / "examples", "examples")
    release.rewrite_archive(old, new, 1_700_000_000)
    for packed in (old, new):
        with tarfile.open(packed) as opened:
            opened.extractall(tmp_path / packed.stem, filter="data")
    assert contents(tmp_path / "old.tar") == contents(tmp_path / "new.tar")


def contents(folder: Path) -> dict[Path, bytes]:
    """The content of each file, by its path in a folder."""
    files = [file for file in folder.rglob("*") if file.is_file()]
    return {file.relative_to(folder): file.read_bytes() for file in files}


def test_builds_that_differ_are_refused_by_name(tmp_path: Path) -> None:
    from tools import release

    for folder, content in (("a", "1"), ("b", "2")):
        (tmp_path / folder / "pypi").mkdir(parents=True)
        (tmp_path / folder / "pypi/x.whl").write_text(content)
    release.compare_builds(tmp_path / "a", tmp_path / "a")
    with pytest.raises(release.NotReleasable, match=r"two builds of x\.whl differ"):
        release.compare_builds(tmp_path / "a", tmp_path / "b")


def test_the_checksums_are_those_that_sha256sum_checks(tmp_path: Path) -> None:
    from tools import release

    (tmp_path / "bill.json").write_text("{}")
    release.write_checksums(tmp_path)
    check = ["sha256sum", "--check", "--quiet", release.CHECKSUMS]
    assert subprocess.run(check, cwd=tmp_path, timeout=10, check=False).returncode == 0


def test_every_command_of_the_program_is_run() -> None:
    from tools import release_check

    listing = [sys.executable, "-c", release_check.COMMANDS]
    listed = subprocess.run(listing, capture_output=True, text=True, timeout=60, check=True)
    commands = listed.stdout.splitlines()
    groups = {line.rpartition(" ")[0] for line in commands} - {""}
    assert groups == {"keys", "secrets", "entities", "events", "charon"}
    ends = {line for line in commands if line and line not in groups}
    uses = [f"{use} " for use in release_check.USES]
    assert {end for end in ends if not any(use.startswith(f"{end} ") for use in uses)} == set()


def test_a_command_that_ends_otherwise_is_refused(tmp_path: Path) -> None:
    from tools import release_check

    false = [sys.executable, "-c", "print('gone'); raise SystemExit(3)"]
    with pytest.raises(release_check.CheckFailed, match="ended with 3, and not with 2\ngone"):
        release_check.run_command(false, tmp_path, 2)
    with pytest.raises(release_check.CheckFailed, match="did not say: listening"):
        release_check.check_staying(false, tmp_path, "listening")
