"""The scheme of a URL decides the engine."""

from __future__ import annotations

import os
import re
import sys
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tallystick.store import Database
from tallystick.store.engine import engine_for, parse_url, sqlite_file, sqlite_url
from tallystick.store.exceptions import DriverNotInstalled, NoDatabase, UnknownDatabase

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("url", "module"),
    [
        ("sqlite://", "sqlite_memory"),
        ("postgresql://host/name", "postgresql"),
        ("postgres://host/name", "postgresql"),
    ],
)
def test_a_scheme_has_its_engine(url: str, module: str) -> None:
    made = engine_for(url, exclusive=True)
    assert type(made).__module__ == f"tallystick.store.{module}"


@pytest.mark.parametrize("url", ["mysql://host/secret-word", "sqlite3://", "secret-word"])
def test_a_database_that_is_not_known_is_refused_with_those_that_are(url: str) -> None:
    with pytest.raises(UnknownDatabase, match="write sqlite:///FILE") as caught:
        engine_for(url, exclusive=True)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("unknown=1", 'invalid connection option "unknown"'),
        ("sslmode=unknown", 'invalid sslmode value: "unknown"'),
        ("connect_timeout=soon", "bad value for connect_timeout: 'soon'"),
        ("service=unknown", 'definition of service "unknown" not found'),
        ("host=a,b&port=1,2,3", "number of hosts and ports don't match"),
        ("host=a:1&host=b&port=1,2", "Can't mix 'multihost' formats together"),
    ],
)
def test_options_that_no_server_can_mend_are_refused(options: str, words: str) -> None:
    with pytest.raises(UnknownDatabase, match=re.escape(words)):
        engine_for(f"postgresql://127.0.0.1:9/none?{options}", exclusive=True)


@pytest.mark.parametrize(
    "options",
    [
        "sslmode=verify-full&sslrootcert=nowhere.pem",
        "gssencmode=require",
        "host=a:5432&host=b:5432&target_session_attrs=read-write",
        "host=a,b&port=1,2&load_balance_hosts=random",
        "host=/run/postgresql",
        "hostaddr=127.0.0.1&options=-c%20search_path=events",
    ],
)
def test_options_that_a_server_may_take_are_left_to_it(
    options: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_for(f"postgresql:///none?{options}", exclusive=True)
    # As many ports in the environment as hosts there.
    monkeypatch.setenv("PGHOST", "a,b")
    monkeypatch.setenv("PGPORT", "1,2")
    engine_for("postgresql:///none", exclusive=True)


@pytest.mark.parametrize("url", ["sqlite:////", "sqlite:///a%00b.db"])
def test_a_path_that_no_file_can_have_is_refused(url: str) -> None:
    with pytest.raises(UnknownDatabase, match="not the path of a file; write sqlite:///FILE"):
        engine_for(url, exclusive=True)


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such files")
def test_what_is_at_the_path_but_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "loop.db").symlink_to("loop.db")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    wrong = {
        f"{tmp_path}/loop.db": "Too many levels of symbolic links",
        f"{tmp_path}/pipe": "Not a regular file",
        f"{tmp_path}/folder": "Is a directory",
        os.path.relpath("/"): "Is a directory: /",
        f"{tmp_path}/{'x' * 300}.db": "File name too long",
    }
    for path, words in wrong.items():
        with pytest.raises(NoDatabase, match=words), _looking(f"sqlite:///{path}"):
            pass


def _looking(url: str) -> AbstractContextManager[object]:
    return engine_for(url, exclusive=False).looking()


def test_an_engine_that_is_not_opened_makes_no_file(tmp_path: Path) -> None:
    engine_for(f"sqlite:///{tmp_path}/tallystick.db", exclusive=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "mysql://localhost/tallystick",
        "sqlite+aiosqlite:///tallystick.db",
        "sqlite://var/tallystick.db",
        "sqlite:///tallystick.db?mode=ro",
        "var/tallystick.db",
        "postgresql://me:secret@host:port/tallystick",
        "",
    ],
)
async def test_a_url_of_no_known_kind_is_refused_without_repeating_a_password(url: str) -> None:
    with pytest.raises(UnknownDatabase, match="write sqlite:///FILE") as refusal:
        Database(url)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "place",
    [
        *("127.0.0.1:0/x", "127.0.0.1:65536/x", "/x?port=0", "/x?host=a,b&port=5432,99999"),
        *("/x?host=a:0", "/x?host=a:5432&host=b:65536", f"/x?port={'9' * 5000}", "/x?host=a:port"),
    ],
)
def test_a_port_that_no_database_has_is_refused_before_a_connection(place: str) -> None:
    with pytest.raises(UnknownDatabase, match="a port of the database is a number from 1 to 65535"):
        parse_url(f"postgresql://{place}")


@pytest.mark.parametrize(
    "place", ["a:1/x", "a:65535/x", "/x?host=a:5432&host=b", "/x?host=a,b&port=5432,", "[::1]/x"]
)
def test_a_port_that_a_database_may_have_is_taken(place: str) -> None:
    assert parse_url(f"postgresql://{place}").database == "x"


def test_a_database_whose_driver_is_missing_names_the_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(sys.modules, "tallystick.store.postgresql", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DriverNotInstalled, match=r"pip install 'tallystick\[postgresql\]'"):
        engine_for("postgresql://someone:secret@127.0.0.1/events", exclusive=False)


@pytest.mark.parametrize("password", ["ge@heim", "g@e@heim"])
def test_the_rest_of_a_password_is_no_host(password: str) -> None:
    with pytest.raises(UnknownDatabase, match="write each @ in the password") as caught:
        engine_for(f"postgresql://me:{password}@127.0.0.1/tallystick", exclusive=True)
    assert "heim" not in str(caught.value)


@pytest.mark.parametrize("name", ["a b.db", "what?x=1.db", "a%20b.db", "#1.db", "Ställe@ö:1.db"])
def test_the_url_of_a_file_leads_to_it_whatever_its_name_is(tmp_path: Path, name: str) -> None:
    assert sqlite_file(parse_url(sqlite_url(tmp_path / name))) == tmp_path / name
