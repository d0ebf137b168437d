"""`tallystick verify` as its user meets it: at any server, with any of its answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tallystick.contract_tests import contract
from tallystick.contract_tests.credentials import NoCredential

from gate.stub import Stub
from server_process import ServerProcess
from tallystick.gate import command as gate
from tallystick.gate import configuration as gate_configuration
from tallystick.gate import runner
from tallystick.gate.configuration import BadConfiguration, Budget, Configuration, configuration
from tallystick.gate.outcome import Outcome, VerifyRun
from tallystick.gate.reports import OF_SERVERS
from tallystick.gate.suites.bytes import judge_bytes
from tallystick.gate.suites.log import judge_log
from tallystick.gate.target_server import target_server

KEY = "a-secret-of-somebody-else"
FILE = """
[verify]
url = "http://127.0.0.1:9"
apis = ["event_store"]
seed = 7
[verify.credentials.event_store]
key = "$THE_KEY"
[verify.known.eventhos]
event = "from-the-file"
"""


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub().running() as server:
        yield server


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples enough for a test."""
    monkeypatch.setattr(gate_configuration, "_EXAMPLES", dict.fromkeys(Budget, 20))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run, and no settings from elsewhere."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("TALLYSTICK_"):
            monkeypatch.delenv(name)
    return tmp_path


def command(*options: str, folder: Path) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("TALLYSTICK_")}
    return subprocess.run(
        [sys.executable, "-m", "tallystick", "verify", *options],
        capture_output=True,
        text=True,
        cwd=folder,
        env=own,
        timeout=60,
        check=False,
    )


def judged(url: str, *suites: str, **told: object) -> VerifyRun:
    return runner.run_suites(Configuration(url, **told), suites=suites)  # type: ignore[arg-type]


def vectors(run: VerifyRun, outcome: Outcome) -> list[str]:
    return [result.name for result in run.of(outcome)]


@pytest.mark.usefixtures("few")
def test_a_server_that_conforms_is_exit_code_0_with_every_report(
    server: ServerProcess, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = [f"{kind}=out/report.{kind}" for kind in OF_SERVERS]
    assert gate.verify(server.url, reports, (), (), api=["charon"]) == 0
    assert f"{server.url} conforms" in capsys.readouterr().out
    written = {file.suffix for file in (folder / "out").iterdir()}
    assert written == {".junit", ".html", ".sarif"}


@pytest.mark.usefixtures("few", "folder")
def test_a_server_that_does_not_is_exit_code_1_with_a_command_that_shows_it(
    stub: Stub, capsys: pytest.CaptureFixture[str]
) -> None:
    assert gate.verify(stub.url, (), (), (), api=["event_store"]) == 1
    told = capsys.readouterr().out
    line = re.search(r"^  (curl -i .*)$", told, re.MULTILINE)
    assert line is not None
    again = subprocess.run(["bash", "-c", line[1]], capture_output=True, text=True, check=False)
    assert "200 OK" in again.stdout
    assert re.search(r"^contract: openapi/event_store\.yaml:\d+$", told, re.MULTILINE)
    assert re.search(r"^vector: contract_tests/vectors/event_store/.*:\d+$", told, re.MULTILINE)
    assert re.search(r"^vendor's page: event_store.txt:\d+$", told, re.MULTILINE)


def test_no_server_is_exit_code_2(tmp_path: Path) -> None:
    run = command("http://127.0.0.1:9", "--api", "event_store", folder=tmp_path)
    assert run.returncode == 2
    assert "can't be reached" in run.stdout


@pytest.mark.parametrize(
    "options",
    [
        ("ftp://127.0.0.1",),
        ("http://127.0.0.1:9", "--api", "nothing"),
        ("http://127.0.0.1:9", "--budget", "huge"),
        ("http://127.0.0.1:9", "--report", "pdf=x.pdf"),
        ("http://127.0.0.1:9", "--credential", "event_store.nothing=1"),
        ("http://127.0.0.1:9", "--known", "eventhos.nothing=1"),
        ("http://127.0.0.1:9", "--baseline", "there-is-none"),
    ],
)
def test_what_makes_no_sense_is_exit_code_2(options: tuple[str, ...], tmp_path: Path) -> None:
    run = command(*options, folder=tmp_path)
    assert run.returncode == 2, run.stdout
    assert run.stderr.startswith("tallystick: ") or "can't be reached" in run.stdout
    assert "Traceback" not in run.stderr


def test_a_failure_says_where_the_vendors_page_has_the_rule(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    places = {place.says for result in run.of(Outcome.FAILED) for place in result.places}
    assert places == {"vector", "contract", "error code", "vendor's page"}


def test_a_server_that_ends_meanwhile_fails_and_ends_no_run() -> None:
    with Stub().running() as stub:
        ended = target_server(Configuration(stub.url))
    with pytest.raises(NoCredential, match="was not answered"):
        ended.server.world.credential("eventhos", "token")
    kept = next(judge_log(ended, "event_store"))
    assert kept.outcome is Outcome.FAILED
    assert kept.objections[0].startswith("no answer came")


def test_a_call_that_cant_be_prepared_is_skipped_and_said() -> None:
    with Stub().running() as stub:
        [kept] = judge_log(target_server(Configuration(stub.url)), "charon")
        ended = target_server(Configuration(stub.url))
    sent = list(judge_bytes(ended, "charon"))
    assert (kept.outcome, kept.reason) == (Outcome.SKIPPED, "GET /api/1/start answers 200")
    assert {each.outcome for each in sent} == {Outcome.SKIPPED}
    assert {each.reason for each in sent} == {"GET /api/1/start was not answered"}


def test_what_cant_be_provoked_is_skipped_and_said(stub: Stub) -> None:
    run = judged(stub.url, "vector", apis=("event_store",))
    assert vectors(run, Outcome.SKIPPED) != []
    assert {result.reason for result in run.of(Outcome.SKIPPED)} == {
        "such a failure can't be provoked at a server from outside"
    }


@pytest.mark.usefixtures("few")
def test_safe_sends_nothing_that_writes(stub: Stub) -> None:
    run = judged(stub.url, *runner.SUITES, apis=("event_store", "charon"), safe=True)
    assert stub.asked != []
    for asked in stub.asked:
        operation = contract.operation(asked.method, asked.path.partition("?")[0])
        assert asked.method in ("GET", "HEAD", "OPTIONS"), asked
        assert operation is None or not operation.writes, asked
    assert {result.suite for result in run.of(Outcome.DISABLED)} == {
        "vector",
        "bytes",
        "log",
        "fuzz",
    }


@pytest.mark.usefixtures("few")
def test_a_seed_repeats_a_run() -> None:
    sent = []
    for seed in (1, 1, 2):
        with Stub().running() as server:
            judged(server.url, "vector", "fuzz", apis=("event_store",), seed=seed)
            sent.append(server.asked)
    assert sent[0] == sent[1]
    assert sent[0] != sent[2]


def test_the_dev_worlds_key_is_for_servers_on_this_machine_alone() -> None:
    with Stub().running() as server:
        judged(server.url, "vector", apis=("event_store",))
        assert any(asked.key.startswith("XXX1XX12") for asked in server.asked)
    abroad = target_server(Configuration("https://staging.example.com", ("event_store",)))
    with pytest.raises(Exception, match="TALLYSTICK_CONTRACT_EVENT_STORE_KEY"):
        abroad.server.world.credential("event_store", "key")


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("by", ["option", "environment", "file"])
def test_a_key_is_taken_and_shown_nowhere(
    by: str, stub: Stub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.text = json.dumps({"you": KEY}).encode()
    if by == "environment":
        monkeypatch.setenv("TALLYSTICK_CONTRACT_EVENT_STORE_KEY", KEY)
    if by == "file":
        (folder / "tallystick.toml").write_text(FILE)
        monkeypatch.setenv("THE_KEY", KEY)
    given = {"event_store.key": KEY} if by == "option" else {}
    told = configuration(stub.url, apis=("event_store",), credentials=given)
    run = runner.run_suites(told, suites=("vector", "bytes", "fuzz"))
    assert any(asked.key == KEY for asked in stub.asked)
    for write in OF_SERVERS.values():
        assert KEY not in write(run, "1")
        assert "${TALLYSTICK_CONTRACT_EVENT_STORE_KEY}" in write(run, "1")


def test_an_option_goes_before_the_environment_and_that_before_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "tallystick.toml").write_text(FILE)
    monkeypatch.setenv("THE_KEY", KEY)
    told = configuration(None)
    assert (told.url, told.apis, told.seed) == ("http://127.0.0.1:9", ("event_store",), 7)
    assert told.credentials == {"event_store.key": KEY}
    assert told.known_of("eventhos", ["event"]) == {"event": "from-the-file"}
    assert configuration(None, seed=8).seed == 8
    monkeypatch.setenv("TALLYSTICK_KNOWN_EVENTHOS_EVENT", "from-the-environment")
    assert configuration(None).known_of("eventhos", ["event"]) == {"event": "from-the-environment"}
    monkeypatch.setenv("TALLYSTICK_CONTRACT_EVENT_STORE_KEY", "another")
    assert configuration(None).credentials == {}
    option = configuration(None, known={"eventhos.event": "from-the-option"})
    assert option.known_of("eventhos", ["event"]) == {"event": "from-the-option"}


@pytest.mark.parametrize(
    ("text", "objection"),
    [
        ("[verify]\nspeed = 1", "no setting speed"),
        ("[verify", "tallystick.toml"),
        ('[verify]\nurl = "http://x"\n[verify.credentials.event_store]\nkey = "$UNSET"', "UNSET"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, objection: str, folder: Path) -> None:
    (folder / "tallystick.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=objection):
        configuration("http://127.0.0.1:9")


def test_a_known_failure_is_disabled_with_its_reason(stub: Stub, tmp_path: Path) -> None:
    file = tmp_path / "known.txt"
    file.write_text("# what we know\nevent_store vector: * # we answer 200 to all\n")
    run = judged(stub.url, "vector", apis=("event_store",), baseline=file)
    assert run.of(Outcome.FAILED) == []
    reasons = {result.reason for result in run.of(Outcome.DISABLED)}
    assert reasons == {f"known failure, {file}:2: we answer 200 to all"}


def test_a_known_failure_that_fails_no_more_is_an_error(
    server: ServerProcess, tmp_path: Path
) -> None:
    file = tmp_path / "known.txt"
    file.write_text("event_store vector: PUT is not allowed\n")
    run = judged(server.url, "vector", apis=("event_store",), baseline=file)
    assert [result.id for result in run.of(Outcome.ERROR)] == [
        "baseline known: event_store vector: PUT is not allowed"
    ]
    assert run.exit_code == 2
