"""Members that a language can't name as the contract does have a second name."""

from __future__ import annotations

from typing import Any

import pytest

from tallystick.clients.languages import list_languages, read_configuration
from tallystick.clients.member_names import (
    ArgumentNames,
    MemberNames,
    name_members,
    name_parameters,
    snake_case,
)

SCHEMAS: dict[str, dict[str, object]] = {
    "User": {"properties": {"userId": {}, "user_id": {}, "copy": {}}},
    "Note": {"properties": {"noteId": {}}},
}
DOLLARS: dict[str, dict[str, object]] = {"Note": {"properties": {"$type": {}}}}


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("go", {"userId": "UserID", "user_id": "UserID2", "noteId": "NoteID"}),
        ("java", {"user_id": "userId2"}),
        ("kotlin", {"user_id": "userId2"}),
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


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("java", ["class2", "_class", "userId", "userId3", "userId2", "more_", "uInt", "uint"]),
        ("kotlin", ["class_", "class2", "userId", "userId3", "userId2", "more_", "uInt", "uint"]),
        ("php", ["class", "class2", "userId", "userId3", "userId2", "more_", "uInt", "uint"]),
    ],
)
def test_a_name_with_a_number_or_of_ours_is_no_other_member_s(
    language: str, names: list[str]
) -> None:
    members = ["class", "_class", "userId", "user_id", "user-id2", "more", "UInt", "uint"]
    schemas: dict[str, Any] = {"Thing": {"properties": {name: {} for name in members}}}
    known = MemberNames(schemas, read_configuration(language)["memberNames"])
    assert [known[each] for each in members] == names


def test_a_member_has_a_name_of_its_own_in_all_objects() -> None:
    rules = read_configuration("python")["memberNames"]
    members: dict[str, Any] = {"class": {}, "var_class": {}}
    schemas = {"One": {"properties": members}, "Two": {"properties": {"class": {}}}}
    assert name_members(schemas, rules) == {"class": "class_2"}


@pytest.mark.parametrize(("language", "name"), [("go", "Type"), ("kotlin", "type")])
def test_a_dollar_is_left_out_of_a_name(language: str, name: str) -> None:
    rules = read_configuration(language)["memberNames"]
    assert name_members(DOLLARS, rules) == {"$type": name}
    assert name_parameters(["$type"], rules) == {"$type": "type"}


@pytest.mark.parametrize(
    ("language", "members", "arguments"),
    [
        ("go", ["Class", "In", "Ref", "Var2nd"], ["Class", "In", "Ref", "Var2Nd"]),
        ("java", ["_class", "in", "ref", "_2nd"], ["_class", "in", "ref", "_2nd"]),
        ("kotlin", ["class_", "`in`", "ref", "`2nd`"], ["class_", "`in`", "ref", "`2nd`"]),
        ("php", ["class", "in", "ref", "_2nd"], ["class", "in", "ref", "_2nd"]),
        (
            "python",
            ["var_class", "var_in", "ref", "var_2nd"],
            ["var_class", "var_in", "ref", "var_2nd"],
        ),
        ("rust", ["class", "r#in", "r#ref", "param_2nd"], ["class", "r#in", "r#ref", "param_2nd"]),
        ("typescript", ["class", "in", "$ref", "2nd"], ["_class", "_in", "ref", "_2nd"]),
    ],
)
def test_a_name_that_a_language_can_t_have_is_escaped(
    language: str, members: list[str], arguments: list[str]
) -> None:
    names = ["class", "in", "$ref", "2nd"]
    configuration = read_configuration(language)
    rules = configuration["memberNames"]
    known = MemberNames({"Thing": {"properties": {name: {} for name in names}}}, rules)
    given = ArgumentNames(configuration.get("parameterNameMappings", {}), rules, {})
    assert [known[each] for each in names] == members
    assert [given[each] for each in names] == arguments


def test_each_language_says_how_it_writes_names() -> None:
    cases = {read_configuration(language)["memberNames"]["case"] for language in list_languages()}
    assert cases == {"camel", "original", "pascal", "snake"}


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("listCrons", "list_crons"),
        ("listAPIKeys", "list_api_keys"),
        ("ipv4Address", "ipv4_address"),
        ("event-identifier", "event_identifier"),
        ("fields.allow", "fields_allow"),
        ("__v", "v"),
    ],
)
def test_a_name_in_small_letters_is_the_generator_s(name: str, written: str) -> None:
    assert snake_case(name) == written


def test_arguments_have_names_of_their_own_where_a_language_says_so() -> None:
    python = read_configuration("python")
    names = ArgumentNames(python["parameterNameMappings"], python["memberNames"], {})
    assert (names["from"], names["pageSize"]) == ("from_", "page_size")
    typescript = ArgumentNames({}, read_configuration("typescript")["memberNames"], {})
    assert typescript["event-identifier"] == "eventIdentifier"


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("go", ["AccountUUID", "WEBHOOK_MODE", "EventType"]),
        ("java", ["accountUUID", "WEBHOOK_MODE", "eventType"]),
        ("kotlin", ["accountUUID", "WEBHOOK_MODE", "eventType"]),
        ("typescript", ["accountUUID", "WEBHOOK_MODE", "event_type"]),
    ],
)
def test_a_member_has_the_generator_s_name_where_it_has_none_of_ours(
    language: str, names: list[str]
) -> None:
    known = MemberNames({}, read_configuration(language)["memberNames"])
    assert [known[each] for each in ("accountUUID", "WEBHOOK_MODE", "event_type")] == names


def test_members_have_the_contract_s_names_where_a_language_keeps_them() -> None:
    rules = read_configuration("typescript")["memberNames"]
    assert MemberNames(SCHEMAS, rules)["user_id"] == "user_id"
    assert MemberNames(SCHEMAS, read_configuration("go")["memberNames"])["user_id"] == "UserID2"
