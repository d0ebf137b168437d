"""A right server on Spring Boot keeps a contract of its own, without a false alarm.

It needs a JDK of 17 or later and Maven, which brings Spring from its registry and takes minutes: it
runs at full length alone, by `make reliability`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gate.orders import CONTRACT, CREDENTIALS, FOLDER, served_by
from reliability import IS_FULL, Figures
from tallystick.gate import runner
from tallystick.gate.configuration import Configuration
from tallystick.gate.outcome import CONFORMS, Outcome
from toolchain import need

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
_JAVAC = ["javac", "-parameters", "-proc:none", "-encoding", "UTF-8", "--release", "17"]

if IS_FULL:

    @pytest.fixture(scope="module")
    def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
        with served_by(_built(tmp_path_factory.mktemp("spring"))) as started:
            yield started

    @pytest.mark.reliability("A right server on Spring Boot")
    def test_it_conforms_without_a_false_alarm(url: str, figures: Figures) -> None:
        contracts = (str(CONTRACT),)
        told = Configuration(url, budget="normal", contracts=contracts, credentials=CREDENTIALS)
        run = runner.run_suites(told)
        found = run.list_results(Outcome.FAILED, Outcome.ERROR)
        assert [(result.id, result.objections, result.sent) for result in found] == []
        assert run.exit_code == CONFORMS
        figures.note(requests=run.answers)


def _built(folder: Path) -> list[str]:
    """Build the server in a folder; return its command."""
    need("javac", "mvn", tested="servers by Spring Boot")
    source, classes = FOLDER / "spring", folder / "classes"
    shutil.copy(source / "pom.xml", folder)
    fetch = ["mvn", "-q", "-B", _COPY, "-DincludeScope=runtime", f"-DoutputDirectory={folder}/lib"]
    build = [*_JAVAC, "-cp", f"{folder}/lib/*", "-d", str(classes), str(source / "Orders.java")]
    for command in (fetch, build):
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    return ["java", "-cp", f"{classes}{os.pathsep}{folder}/lib/*", "shop.Orders"]
