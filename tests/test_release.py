"""A release is tested, built once, and published without a password."""

from __future__ import annotations

import re
from typing import Any

import yaml

from project import PYPROJECT, ROOT

FOLDER = ROOT / ".github/workflows"
RELEASE = yaml.safe_load((FOLDER / "release.yml").read_text("utf-8"))
JOBS: dict[str, dict[str, Any]] = RELEASE["jobs"]


def commands(job: dict[str, Any]) -> str:
    """What the job runs in its shell."""
    return "\n".join(step.get("run", "") for step in job.get("steps", ()))


def test_nothing_is_published_before_all_tests_passed() -> None:
    assert JOBS["test"] == {"uses": "./.github/workflows/ci.yml"}
    assert [JOBS[name]["needs"] for name in ("build", "publish", "docs")] == [
        *("test", "build", "publish")
    ]


def test_a_job_may_do_what_it_needs_alone() -> None:
    assert RELEASE["permissions"] == {"contents": "read"}
    allowed = {name: job["permissions"] for name, job in JOBS.items() if "permissions" in job}
    assert allowed == {"publish": {"id-token": "write"}, "docs": {"contents": "write"}}


def test_no_workflow_reads_a_secret() -> None:
    for workflow in FOLDER.glob("*.yml"):
        assert "secrets." not in workflow.read_text("utf-8")


def test_the_job_that_may_publish_runs_no_code_of_ours() -> None:
    assert commands(JOBS["publish"]).strip() == ""


def test_every_make_target_of_the_workflows_is_there() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    wanted = re.findall(r"^make ([a-z-]+)", "\n".join(map(commands, JOBS.values())), re.MULTILINE)
    assert wanted == ["dist", "add-site-version"]
    assert set(wanted) <= set(targets)


def test_the_tag_is_held_to_the_version_of_the_project() -> None:
    assert 'test -f "dist/tallystick-${GITHUB_REF_NAME#v}.tar.gz"' in commands(JOBS["build"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", PYPROJECT["project"]["version"])
