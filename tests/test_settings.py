"""Settings are refused where they don't go together, and keep their secrets."""

from __future__ import annotations

from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
from click import Choice

from tallystick.mock.settings import MockSettings
from tallystick.settings import Settings


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"dev": True, "host": "0.0.0.0"}, "refused on 0.0.0.0"),
        ({"fault": "store"}, "need --dev"),
        ({"queue": 99}, "need --dev"),
        ({"smtp_host": "mail.example.com"}, "needs TALLYSTICK_SMTP_FROM"),
        ({"workers": 2}, "2 workers need PostgreSQL"),
        ({"apis": ("charon",)}, "go with --contract"),
        ({"contract_keys": ("apiKey=secret",)}, "go with --contract"),
        ({"gateway_prefix": "/own"}, "go with --contract"),
        ({"connexion": True, "contracts": ("a.yaml",)}, "leave out --contract"),
        ({"tls": True}, "--tls needs a certificate"),
        ({"tls_key": Path("key.pem")}, "--tls-key goes with --tls-cert"),
        ({"tls_client_ca": Path("ca.pem")}, "--tls-client-ca goes with --tls"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(given: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Settings(**given)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"host": "0.0.0.0"}, "on 0.0.0.0 it needs --allow-remote"),
        ({"tls_names": ("a.example",)}, "--tls-name and --tls-ca go with --tls"),
        ({"tls_key": Path("key.pem")}, "--tls-key goes with --tls-cert"),
    ],
)
def test_a_mock_has_rules_of_its_own(given: Any, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        MockSettings(**given)


def test_what_needs_dev_is_taken_with_it() -> None:
    assert Settings(dev=True, host="::1", fault="store", queue=0).queue == 0


def test_a_secret_is_left_out_where_settings_are_printed() -> None:
    secrets = {
        "smtp_password": "geheim",
        "secret_key": "geheim" * 6,
        "eventhos_jwt_key": "geheim" * 6,
        "contract_keys": ("apiKey=geheim",),
        "contracts": ("crm.yaml",),
        "eventgrid_kafka": {"main": {"servers": ["h:1"], "password": "geheim"}},
    }
    assert "geheim" not in repr(Settings(**secrets))  # type: ignore[arg-type]  # of several types


@pytest.mark.parametrize(
    ("given", "scheme"),
    [
        ({}, "http"),
        ({"tls_cert": Path("server.pem")}, "https"),
        ({"public_url": "https://tally.example"}, "https"),
        ({"public_url": "http://tally.example", "tls_cert": Path("server.pem")}, "http"),
    ],
)
def test_the_public_address_has_the_scheme_it_is_given_or_served_by(
    given: Any, scheme: str
) -> None:
    assert Settings(**given).public_scheme == scheme


CHOICES = [field for field in fields(Settings) if isinstance(field.metadata["kind"], Choice)]


@pytest.mark.parametrize("field", CHOICES, ids=lambda field: str(field.name))
def test_each_choice_of_a_setting_is_in_its_description(field: Field[Any]) -> None:
    told = field.metadata["description"]
    assert [each for each in field.metadata["kind"].choices if f"`{each}`" not in told] in (
        [],
        [""],
    )
