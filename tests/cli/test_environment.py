"""A wrong setting is told by the name under which it was given, and a misspelt one by another."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from command_line import tallystick
from tallystick.cli.environment import WrongSettings, find_misspelt, read_environment
from tallystick.settings import Settings

KEY = "k" * 32


def read(**options: object) -> Settings:
    return read_environment(Settings, options, with_file=False)


def test_a_setting_is_read_from_the_environment_and_an_option_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TALLYSTICK_PORT", "8081")
    monkeypatch.setenv("TALLYSTICK_CORS_ORIGINS", "http://a, ,http://b")
    monkeypatch.setenv("TALLYSTICK_DEV", "yes")
    assert read().port == 8081
    assert read().cors_origins == ("http://a", "http://b")
    assert read().dev
    assert read(port=8082).port == 8082


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("tls_cert", "server.pem", Path("server.pem")),
        ("delivery_networks", "10.0.0.0/8,::1", (ip_network("10.0.0.0/8"), ip_network("::1"))),
        ("contracts", "a.yaml, b.yaml", ("a.yaml", "b.yaml")),
        ("smtp_from", '"Tally, Inc" <alarms@example.com>', '"Tally, Inc" <alarms@example.com>'),
        ("smtp_default_recipient", "a@b.example, Ops <c@d>,", "a@b.example, Ops <c@d>,"),
        ("smtp_tls", "none", "none"),
        ("access_log", "off", False),
        ("port", " 80 ", 80),
        ("public_url", "", ""),
        ("public_url", "https://tally.example/", "https://tally.example"),
        ("eventgrid_rabbitmq", '{"a": "amqp://h:1"}', {"a": "amqp://h:1"}),
        ("eventgrid_kafka", '{"a": {"servers": ["h:1"]}}', {"a": {"servers": ["h:1"]}}),
        ("secret_key", f"{KEY}, {KEY}", f"{KEY}, {KEY}"),
    ],
)
def test_a_text_becomes_the_value_of_its_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, value: object
) -> None:
    monkeypatch.setenv(f"TALLYSTICK_{name.upper()}", text)
    assert getattr(read(), name) == value


@pytest.mark.parametrize("host", ["mail", "mail.example.com", "10.0.0.1", "::1", "münchen.example"])
def test_a_mail_server_is_a_name_or_an_address(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("TALLYSTICK_SMTP_HOST", host)
    assert read(smtp_from="alarms@example.com").smtp_host == host


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("port", "65536", "give a whole number from 0 to 65535"),
        ("port", "abc", "give a whole number from 0 to 65535"),
        ("port", "1_000", "give a whole number from 0 to 65535"),
        ("port", "\u0668\u0660", "give a whole number from 0 to 65535"),
        ("queue", "9" * 5000, "give a whole number of 0 or more"),
        ("dev", "perhaps", "give true or false"),
        ("access_log", "", "give true or false"),
        ("host", "", "give an address, such as 127.0.0.1"),
        ("host", "\udcff", "that is not UTF-8"),
        ("database", "sqlite:///\udcff", "that is not UTF-8"),
        ("tls_client_ca", "", "give the path of a file, or leave it out"),
        ("retention_days", str(10**12), "give a whole number from 0 to 1000000"),
        ("retention_count", str(10**20), "from 0 to 1000000000000000000"),
        ("smtp_tls", "maybe", "'maybe' is not one of 'starttls', 'tls', 'none'"),
        ("smtp_from", "a@b.example\r\nBcc: c@d.example", "give an address such as"),
        *(
            ("smtp_from", text, "give an address such as alarms@example.com")
            for text in (
                "no mail",
                "Tally <alarms>",
                "a@b, c@d",
                "a@b <c@d",
                "ä@b.example",
                "a@b c",
            )
        ),
        *(
            ("smtp_default_recipient", text, "give an address such as alarms@example.com")
            for text in ("no mail", "a@b, c", "a@b\r\nBcc: c@d", "a@b; c@d", "a@b,<c>")
        ),
        *(
            ("smtp_host", text, "give a host such as mail.example.com, without a scheme or a port")
            for text in ("mail:25", "smtp://mail", "my mail", "me@mail", "[::1]", "mail/")
        ),
        ("delivery_networks", "10.0.0.1/8", "10.0.0.1/8 has host bits set"),
        ("delivery_networks", "here", "'here' does not appear to be an IPv4 or IPv6 network"),
        ("cors_origins", "https://a/b", "https://a/b is no origin: write https://app.example"),
        ("public_url", "tally.example", "give a URL such as https://tally.example"),
        ("public_url", "https://tally.example?x=1", "give a URL such as https://tally.example"),
        ("public_url", "https://tally.example/#x", "give a URL such as https://tally.example"),
        ("traces_url", "http://127.0.0.1:99999", "give a URL such as http://127.0.0.1:4318"),
        ("traces_url", "http://127.0.0.1:0", "give a URL such as http://127.0.0.1:4318"),
        ("gateway_prefix", "x", "give a path such as /gateway/v1"),
        ("secret_key", f"{KEY},short", "a key has 32 characters or more"),
        ("eventhos_jwt_key", "short", "a key has 32 characters or more"),
        ("contract_keys", "geheim", "give SCHEME=VALUE, such as apiKey=secret"),
        ("eventgrid_rabbitmq", "[1]", "that is no JSON object"),
        ("eventgrid_rabbitmq", '{"a": "amqp://h:99999"}', "a must be an address such as"),
        (
            "eventgrid_rabbitmq",
            '{"a": "amqp://u:geheim@h"}',
            "a must be an address such as amqps://HOST:PORT, without a user",
        ),
        (
            "eventgrid_kafka",
            '{"a": {"servers": ["h:1"], "password": ["geheim"]}}',
            'a password is not of type "string"',
        ),
        ("eventgrid_kafka", '{"a": {}}', 'a "servers" is a required property'),
    ],
)
def test_a_wrong_text_is_told_by_its_variable_and_a_secret_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, reason: str
) -> None:
    variable = f"TALLYSTICK_{name.upper()}"
    monkeypatch.setenv(variable, text)
    with pytest.raises(WrongSettings) as wrong:
        read()
    assert str(wrong.value).startswith(f"{variable}: ")
    assert reason in str(wrong.value)
    assert not {"geheim", "short"} & set(str(wrong.value).split())


@pytest.mark.parametrize(
    ("variable", "warnings"),
    [
        ("TALLYSTICK_PROT", ["TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?"]),
        (
            "TALLYSTICK_RETENTION_DAY",
            ["TALLYSTICK_RETENTION_DAY is no setting; did you mean TALLYSTICK_RETENTION_DAYS?"],
        ),
        ("TALLYSTICK_XYZ", ["TALLYSTICK_XYZ is no setting"]),
        ("TALLYSTICK_PORT", []),
        ("TALLYSTICK_CHARON_KEY", []),
        ("TALLYSTICK_SEED", []),
        ("TALLYSTICK_SEDE", ["TALLYSTICK_SEDE is no setting; did you mean TALLYSTICK_SEED?"]),
        ("TALLYSTICK_KNOWN_SERVICE", []),
        ("TALLYSTICK_SERVICE_HOST", []),
        ("TALLYSTICK_PORT_8080_TCP_ADDR", []),
        ("tallystick_port", ["tallystick_port is no setting; did you mean TALLYSTICK_PORT?"]),
        ("TALLYSTICK_port", ["TALLYSTICK_port is no setting; did you mean TALLYSTICK_PORT?"]),
        ("HOME", []),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_setting(
    variable: str, warnings: list[str]
) -> None:
    assert list(find_misspelt({variable: "1"})) == warnings


def test_a_misspelt_variable_stops_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_PROT="1")
    assert ran.returncode == 0
    assert ran.stderr.splitlines() == [
        "tallystick: warning: TALLYSTICK_PROT is no setting; did you mean TALLYSTICK_PORT?",
        f"tallystick: making the database {tmp_path / 'x.db'}",
    ]


@pytest.mark.parametrize("line", ["TALLYSTICK_PORT 8080", "TALLYSTICK_PORT", "TALLYSTICK_HOST='a"])
@pytest.mark.parametrize("command", ["check", "keys list"])
def test_a_line_of_the_file_that_is_no_setting_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, command: str
) -> None:
    (tmp_path / "tallystick.env").write_text(f"# ours\n\n{line}\nTALLYSTICK_DEV=true\n")
    monkeypatch.chdir(tmp_path)
    ran = tallystick(*command.split())
    assert ran.returncode in (1, 2)
    assert "can't read tallystick.env: line 3 is no NAME=VALUE" in ran.stdout + ran.stderr


def test_a_line_of_the_file_is_taken_as_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tallystick.env").write_text("TALLYSTICK_SMTP_PASSWORD=a${HOME}b${NONE}c$d\n")
    monkeypatch.chdir(tmp_path)
    assert read_environment(Settings, {}).smtp_password == "a${HOME}b${NONE}c$d"


def test_a_null_character_in_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tallystick.env").write_text("TALLYSTICK_DATABASE=sqlite:///a\0b\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongSettings, match="TALLYSTICK_DATABASE: that has a null character"):
        read_environment(Settings, {})


def test_a_folder_in_the_place_of_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tallystick.env").mkdir()  # as a container's mount of a missing file makes it
    monkeypatch.chdir(tmp_path)
    with pytest.raises(WrongSettings, match=r"tallystick\.env: Is a directory"):
        read_environment(Settings, {})


@pytest.mark.parametrize("name", ["KAFKA", "RABBITMQ"])
@pytest.mark.parametrize("value", ["{bad", "", '{"a": {"password": "geheim"'])
def test_a_value_that_should_be_json_is_told_by_its_variable(
    tmp_path: Path, name: str, value: str
) -> None:
    variable, url = f"TALLYSTICK_EVENTGRID_{name}", f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, **{variable: value})
    assert ran.returncode == 2
    assert ran.stderr == f"tallystick: {variable}: that is not JSON\n"


def test_a_wrong_value_is_told_by_its_variable(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_PORT="abc")
    assert ran.returncode == 2
    assert ran.stderr.startswith("tallystick: TALLYSTICK_PORT: give a whole number")


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"east": {}}', 'east "servers" is a required property'),
        ('{"east": {"servers": ["h:1"], "tls": "geheim"}}', "east tls is not of type"),
        ('{"east": {"servers": ["h:1"], "pass": "geheim"}}', "east Additional properties are not"),
        (
            '{"east": {"servers": ["h:1", "h"]}}',
            "east servers 1 must be a host and a port, such as",
        ),
        ('{"east": {"servers": ["h:0"]}}', "east servers 0 must be a host and a port"),
        ('{"east": {"servers": ["h:65536"]}}', "east servers 0 must be a host and a port"),
        ('{"east": {"servers": ["h:1"], "password": "geheim"}}', "east must have both of user and"),
    ],
)
def test_a_wrong_member_of_json_is_named(tmp_path: Path, value: str, said: str) -> None:
    url = f"sqlite:///{tmp_path / 'x.db'}"
    ran = tallystick("keys", "list", "--database", url, TALLYSTICK_EVENTGRID_KAFKA=value)
    assert ran.returncode == 2
    assert ran.stderr.startswith(f"tallystick: TALLYSTICK_EVENTGRID_KAFKA: {said}")
    assert "geheim" not in ran.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVENTGRID_RABBITMQ", '{"east": "amqp://:5672"}'),
        ("CORS_ORIGINS", "https://app.example:0"),
        ("CORS_ORIGINS", "https://app.example:65536"),
    ],
)
def test_an_address_that_nobody_has_is_told(tmp_path: Path, name: str, value: str) -> None:
    url, variable = f"sqlite:///{tmp_path / 'x.db'}", f"TALLYSTICK_{name}"
    ran = tallystick("keys", "list", "--database", url, **{variable: value})
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert ran.stderr.startswith(f"tallystick: {variable}: ")
