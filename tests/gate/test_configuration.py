"""What a run is told, by whom, and that it keeps a secret to itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gate.stub import Stub
from tallystick.gate import runner
from tallystick.gate.configuration import BadConfiguration, configuration
from tallystick.gate.reports import OF_SERVERS

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
        ("[verify]\nspeed = 1", "speed is not known here"),
        ("[verify]\ncontract = 1", "contract is not known here: near it is contracts"),
        ("verify = 1", "verify must be a table"),
        ("[verify]\nurl = 1", "url must be a text"),
        ('[verify]\ncontracts = "crm.yaml"', "contracts must be a list of texts"),
        ('[verify]\nseed = "7"', "seed must be a whole number"),
        ("[verify]\nseed = true", "seed must be a whole number"),
        ('[verify]\nsafe = "yes"', "safe must be true or false"),
        ("[verify]\nreports = {html = 1}", "reports must be a table of files"),
        ('[verify.credentials]\nkey = "secret"', r"a table for each API, .* \[verify.cred"),
        ('[verify.known]\nid = "1"', r"a table for each API, .* \[verify.known"),
        ("[verify", "tallystick.toml"),
        ('[verify]\nurl = "http://x"\n[verify.credentials.event_store]\nkey = "$UNSET"', "UNSET"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text: str, objection: str, folder: Path) -> None:
    (folder / "tallystick.toml").write_text(text)
    with pytest.raises(BadConfiguration, match=objection):
        configuration("http://127.0.0.1:9")
