"""Members that a language can't name as the contract does have a second name."""

from __future__ import annotations

import pytest

from tallystick.clients.languages import list_languages, read_configuration
from tallystick.clients.member_names import name_members

SCHEMAS: dict[str, dict[str, object]] = {
    "User": {"properties": {"userId": {}, "user_id": {}, "copy": {}}},
    "Note": {"properties": {"noteId": {}}},
}


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("go", {"userId": "UserID", "user_id": "UserID2", "noteId": "NoteID"}),
        ("java", {"user_id": "userId2"}),
        ("php", {"user_id": "userId2"}),
        ("python", {"userId": "user_id_2", "copy": "copy_"}),
        ("rust", {"userId": "user_id_2"}),
        ("typescript", {}),
    ],
)
def test_of_two_members_that_are_written_alike_one_has_a_number(
    language: str, names: dict[str, str]
) -> None:
    assert name_members(SCHEMAS, read_configuration(language)["memberNames"]) == names


def test_each_language_says_how_it_writes_names() -> None:
    cases = {read_configuration(language)["memberNames"]["case"] for language in list_languages()}
    assert cases == {"camel", "original", "pascal", "snake"}
