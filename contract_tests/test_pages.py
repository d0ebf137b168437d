"""The pages' own samples, with the slips mended that every reader mends; host and key replaced."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .api_facts import read_facts
from .servers import Server

_PAGES = Path(__file__).with_name("pages")


def _sample(api: str, name: str, server: Server) -> str:
    text = (_PAGES / api / f"{name}.txt").read_text(encoding="utf-8")
    facts = read_facts(api)
    credential = facts.samples["credential"]
    text = text.replace(facts.samples["host"], server.url)
    own = server.world.credential(api, credential).secret
    return text.replace(facts.credentials[credential]["value"], own)


def _run(folder: Path, *command: str) -> str:
    program = shutil.which(command[0])
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"this machine has no {command[0]}")
    env = {**os.environ, "NODE_PATH": str(folder), "no_proxy": "*"}
    run = subprocess.run(
        [program, *command[1:]],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


def _file(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", ["shell_get", "shell_post"])
def test_event_store_s_shell_samples_create_an_event(
    name: str, server: Server, tmp_path: Path
) -> None:
    script = _file(tmp_path, "sample.sh", _sample("event_store", name, server))
    assert _run(tmp_path, "bash", script).strip() == "Event created successfully"


def test_event_store_s_python_sample_creates_an_event(server: Server, tmp_path: Path) -> None:
    script = _file(tmp_path, "sample.py", _sample("event_store", "python", server))
    assert _run(tmp_path, sys.executable, script).strip() == "Event created successfully"


def test_event_store_s_lambda_function_creates_an_event(server: Server, tmp_path: Path) -> None:
    text = _sample("event_store", "lambda", server) + "\nprint(lambda_handler({}, None))\n"
    result = _run(tmp_path, sys.executable, _file(tmp_path, "sample.py", text)).strip()
    assert result == str({"statusCode": 200, "body": '"Event created successfully"'})


def test_event_store_s_javascript_sample_creates_an_event(server: Server, tmp_path: Path) -> None:
    # What the sample calls node-fetch is Node's own fetch today.
    module = tmp_path / "node-fetch"
    module.mkdir()
    _file(module, "index.js", "module.exports = globalThis.fetch;\n")
    script = _file(tmp_path, "sample.js", _sample("event_store", "javascript", server))
    assert _run(tmp_path, "node", script).strip() == "Event created successfully"


# No package that the usual registries have brings PowerShell; the request that the sample makes is
# a vector.
if shutil.which("pwsh"):

    def test_event_store_s_powershell_sample_creates_an_event(
        server: Server, tmp_path: Path
    ) -> None:
        script = _file(tmp_path, "sample.ps1", _sample("event_store", "powershell", server))
        assert _run(tmp_path, "pwsh", "-File", script).strip() == "Event created successfully"


@pytest.mark.parametrize(("name", "reports"), [("curl_1", 2), ("curl_2", 1), ("curl_3", 1)])
def test_keyastrom_s_curl_samples_ingest_an_event(
    name: str, reports: int, server: Server, tmp_path: Path
) -> None:
    script = _file(tmp_path, "sample.sh", _sample("keyastrom", name, server))
    answer = _run(tmp_path, "bash", script)
    assert f'"reportCount":{reports}' in answer.replace(" ", "")
    assert answer.count("OK") >= reports
