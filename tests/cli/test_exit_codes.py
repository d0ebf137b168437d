"""A wrong command line ends with an exit code of the table, and says what is wrong."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from command_line import tallystick
from tallystick.cli import program

FILES = {
    "broken.yaml": "a: [\n",
    "text.txt": "hello\n",
    "topology.yaml": "entities: [{id: A}]\n",
}

WRONG: tuple[tuple[str, int, str], ...] = (
    ("--unknown", 2, "No such option '--unknown'"),
    ("unknown", 2, "No such command 'unknown'"),
    ("mokc", 2, "No such command 'mokc'. Did you mean 'mock'?"),
    ("keys", 2, "Usage: tallystick keys"),
    ("keys unknown", 2, "No such command 'unknown'"),
    ("keys create", 2, "Missing argument 'API'"),
    ("keys create event_store --unknown", 2, "No such option '--unknown'"),
    ("keys create unknown", 2, "unknown API unknown: choose one of charon, event_store"),
    ("keys create event_store", 2, "needs a scope, one or more of events:write, or * for all"),
    (
        "keys create event_store --scope nonsense",
        2,
        "nonsense is not a scope of event_store: choose of events:write, or * for all",
    ),
    (
        "keys create event_store --scope * --expires never",
        2,
        "never must be a time such as 2027-01-31T08:00:00Z or a duration such as 90d",
    ),
    (
        "keys create event_store --scope * --expires 2001-01-01",
        2,
        "2001-01-01 is past: a key ends later than now",
    ),
    (
        "keys create eventgrid --scope events:write --database sqlite:///{folder}/keys.db",
        2,
        "belongs to a project: give it as `project`, or by --project",
    ),
    (
        "keys create eventhos --scope * --database sqlite:///{folder}/keys.db",
        2,
        "give the person's name as `name`, or by --name",
    ),
    (
        "keys create event_store --scope * --name " + 201 * "x",
        2,
        "--name must have at most 200 characters",
    ),
    ("keys create event_store --scope \xe9", 2, "--scope 0 must be a scope"),
    ("keys create eventgrid --scope * --project \xe9", 2, "--project must be the id of a project"),
    (
        "keys create event_store --scope * --expires " + 41 * "x",
        2,
        "--expires must be a time or a duration",
    ),
    (
        "keys create event_store --scope * --quota events=1",
        2,
        "--quota events is not known here",
    ),
    (
        "keys create event_store --scope * --quota events_per_minute=0",
        2,
        "--quota events_per_minute must be at least 1",
    ),
    (
        "keys create event_store --scope * --quota events_per_minute",
        2,
        "--quota is NAME=NUMBER, such as events_per_minute=600, not events_per_minute",
    ),
    (
        f"keys create event_store --scope * --quota events_per_minute={'9' * 5000}",
        2,
        "--quota is NAME=NUMBER, such as events_per_minute=600, not events_per_minute=9999",
    ),
    (
        "keys create event_store --scope * --source=",
        2,
        "--source 0 must have at least 1 character",
    ),
    (
        "keys create eventhos --scope * --source x",
        2,
        "a key of eventhos can't be bound to sources or types: its keys send none",
    ),
    (
        "keys create eventhos --scope * --quota events_per_minute=5",
        2,
        "a key of eventhos can't have events_per_minute: it can have requests_per_minute",
    ),
    ("keys create crm --contract nowhere.yaml", 2, "nowhere.yaml:1: there is no such file"),
    ("keys create crm --contract {folder}/broken.yaml", 2, "broken.yaml:2: is not YAML"),
    ("keys revoke", 2, "Missing argument 'ID'"),
    (
        "keys revoke nonsense --database sqlite:///{folder}/keys.db",
        2,
        "nonsense is not the id of a live key: see `tallystick keys list`",
    ),
    ("keys list --json=yes", 2, "Option '--json' does not take a value"),
    (
        "keys list --database nonsense",
        2,
        "that is not a database URL; write sqlite:///FILE, sqlite:// for memory, or postgresql://HOST/NAME",
    ),
    (
        "keys list --database mysql://localhost/events",
        2,
        "mysql:// is an unknown kind of database; write sqlite:///FILE",
    ),
    (
        "keys list --database postgresql://me:ge@heim@127.0.0.1:9/none",
        2,
        "write each @ in the password of the database as %40",
    ),
    (
        "keys list --database postgresql://127.0.0.1:9/none",
        2,
        "can't use postgresql://127.0.0.1:9/none: connection failed",
    ),
    (
        "keys list --database postgresql://127.0.0.1:9/none",
        2,
        "see that it runs and takes your user, or name another by --database",
    ),
    (
        "keys list --database sqlite:////dev/null/folder/tallystick.db",
        2,
        "can't use /dev/null/folder/tallystick.db: Not a directory",
    ),
    (
        "keys list --database sqlite:///{folder}/text.txt",
        2,
        "text.txt: file is not a database; name another by --database, or move it away and restore",
    ),
    ("serve --port many", 2, "--port: give a whole number from 0 to 65535"),
    ("serve --workers many", 2, "--workers: give a whole number from 1 to 64"),
    ("worker --port many", 2, "--port: give a whole number from 0 to 65535"),
    ("serve --port 65536", 2, "--port: give a whole number from 0 to 65535"),
    ("serve --port -1", 2, "--port: give a whole number from 0 to 65535"),
    ("serve --port 0 --database nonsense", 2, "that is not a database URL; write sqlite:///FILE"),
    (
        "serve --port 0 --database sqlite:////dev/null/folder/tallystick.db",
        2,
        "can't use /dev/null/folder/tallystick.db",
    ),
    (
        "serve --port 0 --cors-origin nonsense",
        2,
        "--cors-origin: nonsense is no origin: write https://app.example, without a path, or *",
    ),
    (
        "mock --port 0 --cors-origin https://app.example/path",
        2,
        "--cors-origin: https://app.example/path is no origin",
    ),
    ("serve --port 0 --host=", 2, "--host: give an address, such as 127.0.0.1"),
    ("serve --port 0 --host 256.0.0.1", 2, "can't listen on 256.0.0.1:0"),
    (
        "serve --dev --host 0.0.0.0",
        2,
        "--dev has public credentials: it is refused on 0.0.0.0, use 127.0.0.1",
    ),
    ("serve --tls-cert nowhere.pem", 2, "nowhere.pem: No such file or directory"),
    (
        "serve --tls-cert {folder}/text.txt",
        2,
        "text.txt: this is no certificate in PEM, or its key is missing or needs a password",
    ),
    ("serve --tls-key {folder}/text.txt", 2, "--tls-key goes with --tls-cert"),
    ("serve --contract nowhere.yaml", 2, "nowhere.yaml:1: there is no such file"),
    ("serve --contract {folder}/broken.yaml", 2, "broken.yaml:2: is not YAML"),
    (
        "serve --contract {folder}/broken.yaml --with nonsense",
        2,
        "there is no API nonsense: it is one of charon, event_store",
    ),
    (
        "serve --contract {folder}/broken.yaml --key apiKey",
        2,
        "--key: give SCHEME=VALUE, such as apiKey=secret",
    ),
    (
        "serve --with charon",
        2,
        "--with, --key, --handlers, --gateway-prefix and --watch go with --contract",
    ),
    ("serve extra", 2, "Got unexpected extra argument (extra)"),
    ("mock --world nowhere.yaml", 2, "can't use nowhere.yaml: No such file or directory"),
    (
        "mock --world {folder}/broken.yaml",
        2,
        "broken.yaml: line 2, column 1: did not find expected node content",
    ),
    ("mock --world {folder}/text.txt", 2, "text.txt: not a mapping"),
    (
        "mock --host 0.0.0.0",
        2,
        "the mock has public credentials: on 0.0.0.0 it needs --allow-remote",
    ),
    ("mock --seed many", 2, "--seed: 'many' is not a valid integer"),
    ("mock --tls-client-ca nowhere.pem", 2, "--tls-client-ca goes with --tls"),
    ("proxy", 2, "Missing option '--upstream'"),
    *(
        (f"proxy --upstream {url}", 2, "--upstream must be a URL such as https://api.example.com")
        for url in (
            "nowhere",
            "http://",
            "http://h:99999",
            "http://h/?x",
            "http://h:x",
            "http://[::1",
            "http://\udcff",
        )
    ),
    (
        "proxy --upstream http://127.0.0.1:9 --ca nowhere.pem",
        2,
        "nowhere.pem: No such file or directory",
    ),
    (
        "proxy --upstream http://127.0.0.1:9 --record /dev/null/world.yaml",
        2,
        "can't write /dev/null/world.yaml: Not a directory",
    ),
    ("worker --database sqlite://", 2, "a worker needs PostgreSQL"),
    (
        "serve --connexion --contract examples/crm/crm.yaml",
        2,
        "--connexion serves Tallystick's own APIs: leave out --contract",
    ),
    ("worker --database postgresql://127.0.0.1:1/none", 75, "can't use postgresql://127.0.0.1:1"),
    (
        "worker --database postgresql://127.0.0.1:1/none?unknown=1",
        2,
        'the options for PostgreSQL are wrong: invalid connection option "unknown"',
    ),
    ("worker --database nonsense", 2, "that is not a database URL; write sqlite:///FILE"),
    ("verify", 2, "give its base URL, such as http://127.0.0.1:9000"),
    ("verify nowhere", 2, "nowhere is not the http or https URL of a server: give its base URL"),
    (
        "verify http://127.0.0.1:9 --api event_store",
        2,
        "http://127.0.0.1:9 can't be reached: Connection refused",
    ),
    (
        "verify http://127.0.0.1:9 --api unknown",
        2,
        "unknown API unknown: choose one of charon, event_store",
    ),
    (
        "verify http://127.0.0.1:9 --budget unknown",
        2,
        "unknown budget unknown: choose one of quick, normal, thorough",
    ),
    ("verify http://127.0.0.1:9 --suite unknown", 2, "unknown suite unknown: choose one of vector"),
    ("verify http://127.0.0.1:9 --only unknown", 2, "unknown --only unknown: choose page"),
    (
        "verify http://127.0.0.1:9 --seed -1",
        2,
        "Invalid value for '--seed': give a whole number of 0 or more",
    ),
    ("verify http://127.0.0.1:9 --report junit", 2, "a report is written KIND=FILE"),
    (
        "verify http://127.0.0.1:9 --report pdf=report.pdf",
        2,
        "unknown report pdf: choose one of junit, html, sarif",
    ),
    ("verify http://127.0.0.1:9 --credential secret", 2, "a credential is written NAME=SECRET"),
    (
        "verify http://127.0.0.1:9 --baseline nowhere",
        2,
        "can't use nowhere: No such file or directory",
    ),
    ("diff", 2, "Missing argument 'OLD'"),
    ("diff nowhere.yaml nowhere.yaml", 2, "Path 'nowhere.yaml' does not exist"),
    ("diff {folder}/broken.yaml {folder}/broken.yaml", 2, "broken.yaml:2: is not YAML"),
    (
        "diff {folder}/text.txt {folder}/text.txt",
        2,
        "text.txt is no OpenAPI document: it has no openapi at its top",
    ),
    (
        "diff openapi openapi --rules unknown",
        2,
        "unknown rules unknown: choose one of own, redocly",
    ),
    (
        "diff openapi openapi --fail-on unknown",
        2,
        "unknown level to fail on unknown: choose one of breaking, warning, any, none",
    ),
    (
        "diff openapi openapi --report junit=/dev/null/folder/report.xml",
        2,
        "can't use /dev/null/folder: Not a directory",
    ),
    ("compare", 2, "Missing argument 'OLD'"),
    ("compare nowhere.yaml nowhere.yaml", 2, "can't use nowhere.yaml: No such file or directory"),
    (
        "clients unknown --api event_store --out client",
        2,
        "there is no client for unknown: choose one of go, java",
    ),
    (
        "clients python --api unknown --out client",
        2,
        "there is no client for unknown: choose one of charon",
    ),
    ("clients python --out client", 2, "give either --api or --contract"),
    ("clients python --api event_store", 2, "Missing option '--out'"),
    (
        "clients python --api event_store --out /dev/null/folder",
        2,
        "can't use /dev/null/folder: Not a directory",
    ),
    ("credentials --json=yes", 2, "Option '--json' does not take a value"),
    (
        "events export {folder}/new.jsonl --database sqlite:///{folder}/none.db",
        2,
        "there is no database",
    ),
    (
        "events tail --last many",
        2,
        "Invalid value for '--last': give a whole number from 0 to 1000",
    ),
    (
        "events count --database nonsense",
        2,
        "that is not a database URL; write sqlite:///FILE",
    ),
    ("entities import", 2, "Missing argument 'FILE'"),
    ("entities import nowhere.yaml", 2, "File 'nowhere.yaml' does not exist"),
    (
        "entities import {folder}/broken.yaml",
        2,
        "broken.yaml: is not YAML: line 2, column 1: did not find expected node content",
    ),
    ("entities import {folder}/topology.yaml", 2, "topology.yaml: entities.0.type is missing"),
    ("secrets", 2, "Usage: tallystick secrets"),
    ("secrets rotate --database nonsense", 2, "that is not a database URL; write sqlite:///FILE"),
    ("secrets rotate --database sqlite://", 2, "set TALLYSTICK_SECRET_KEY to NEW,OLD"),
    (
        "secrets rotate --database sqlite:///{folder}/nowhere.db",
        2,
        "there is no database",
    ),
    (
        "secrets rotate --database postgresql://127.0.0.1:9/none",
        2,
        "set TALLYSTICK_SECRET_KEY to NEW,OLD",
    ),
    ("check --unknown", 2, "No such option '--unknown'"),
    ("check --database nonsense", 1, "that is not a database URL; write sqlite:///FILE"),
    ("check --database sqlite:///{folder}/text.txt", 1, "text.txt: file is not a database"),
    (
        "backup {folder}/copy.db --database sqlite:///{folder}/nowhere.db",
        2,
        "nowhere.db: name yours by --database",
    ),
    (
        "backup copy.db --database postgresql://127.0.0.1:9/none",
        2,
        "PostgreSQL has its own backup: use pg_dump",
    ),
    ("restore {folder}/nowhere.db --database sqlite:///{folder}/new.db", 2, "there is no file"),
    (
        "restore {folder}/text.txt --database sqlite:///{folder}/text.txt",
        2,
        "text.txt is there already: move it away first",
    ),
    ("credentials --contract nowhere.yaml", 2, "nowhere.yaml:1: there is no such file"),
    ("init {folder}/text.txt", 2, "is a file"),
    ("init \udcff", 2, "is not UTF-8: no URL can name a database there"),
    ("init /dev/null/folder", 2, "can't make the folder /dev/null/folder: Not a directory"),
    ("charon exec", 2, "the following arguments are required: SLUG, COMMAND"),
    ("charon exec slug", 2, "the command to run is missing: put it after --"),
    ("charon exec slug --unknown -- true", 2, "unrecognized arguments: --unknown"),
    ("charon exec slug --strict -- true", 69, "set TALLYSTICK_CHARON_KEY, or give --key"),
    ("charon exec '' --strict -- true", 69, "tallystick: '' was not started"),
    (
        "charon exec slug --key x --url http://127.0.0.1:9 --strict -- true",
        69,
        "slug was not started: can't reach http://127.0.0.1:9: Connection refused",
    ),
)
"""A command line, its exit code, and words of its output."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files that no command can use."""
    made = tmp_path_factory.mktemp("files")
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


@pytest.mark.parametrize(("line", "code", "words"), WRONG, ids=[line[:99] for line, _, _ in WRONG])
def test_a_wrong_input_is_told_and_ends_with_its_exit_code(
    folder: Path, line: str, code: int, words: str
) -> None:
    ran = tallystick(*shlex.split(line.format(folder=folder)), COLUMNS="200")

    told = " ".join((ran.stdout + ran.stderr).split())
    assert words in told
    assert ran.returncode == code
    assert "Traceback" not in told
    assert "Errno" not in told


@pytest.mark.parametrize(
    "line",
    [
        "init {}",
        "keys list --database sqlite:///{}",
        "backup copy.db --database sqlite:///{}",
        "restore {}",
        "mock --contract {} --port 0",
        "clients python --contract {} --out client",
        "proxy --upstream http://127.0.0.1:9 --record {} --port 0",
    ],
)
def test_a_path_that_can_not_be_looked_at_is_told(line: str) -> None:
    # As a folder that is closed to this user, which a test of root can't have.
    ran = CliRunner().invoke(program, line.format("a" * 300).split())
    assert ran.exit_code == 2
    assert ran.stderr.endswith(("File name too long\n", "File name too long [unreadable]\n"))


def test_no_command_is_help_and_exit_code_2() -> None:
    ran = tallystick()
    assert (ran.returncode, "Usage: tallystick" in ran.stdout + ran.stderr) == (2, True)


@pytest.mark.parametrize("line", ["check {}", "check --{}", "keys create {}", "{}", "init a {}"])
def test_a_wrong_word_commands_no_terminal(line: str) -> None:
    ran = CliRunner().invoke(program, line.format("\x1b[31mred").split(" "), color=True)
    assert ran.exit_code == 2
    assert "red" in ran.stderr
    assert "\x1b" not in ran.stderr
