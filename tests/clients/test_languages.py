"""Each language has its configuration and its first calls."""

from __future__ import annotations

import pytest

from tallystick.clients.languages import list_languages, read_configuration, read_first_call


def test_there_are_clients_in_these_languages() -> None:
    assert list_languages() == ["go", "java", "php", "python", "rust", "typescript"]


@pytest.mark.parametrize("language", list_languages())
def test_a_language_has_a_configuration_and_a_first_call(language: str) -> None:
    assert read_configuration(language)
    assert read_first_call(language, "event_store")


def test_an_api_without_a_first_call_has_an_empty_one() -> None:
    assert read_first_call("python", "nothing") == ""
