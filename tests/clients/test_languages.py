"""Each language has its configuration and its templates."""

from __future__ import annotations

from pathlib import Path

import pytest

from tallystick.clients.languages import (
    list_languages,
    list_taken_models,
    package_names,
    read_configuration,
)


def test_each_folder_of_templates_is_a_language() -> None:
    folders = (Path(__file__).parents[2] / "clients").iterdir()
    assert list_languages() == sorted(
        path.parent.name for each in folders for path in each.glob("sample.jinja")
    )


@pytest.mark.parametrize("language", list_languages())
def test_a_language_has_a_configuration(language: str) -> None:
    assert read_configuration(language)


def test_an_object_has_no_name_that_a_language_takes() -> None:
    assert {"AnyJson", "Set"} <= set(list_taken_models())


def test_a_client_is_named_after_its_api() -> None:
    assert package_names("event_store") == {
        "api": "event_store",
        "apiClass": "EventStore",
        "apiWord": "eventstore",
        "distribution": "event-store-client",
        "packageName": "event_store_client",
    }
