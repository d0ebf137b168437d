"""Items are made, shown, changed and deleted, at three depths, each with its own parent."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gate.albums import ALBUMS, NOTES, SONGS, judged, run_at
from tallystick.contract.document import Document
from tallystick.contract.sample_request import SampleRequests
from tallystick.gate.outcome import Outcome
from tallystick.gate.own_credentials import OwnCredentials
from tallystick.gate.resource_sequences import make_sequence
from tallystick.gate.resources import list_resources

TEXT = {"type": "string", "nullable": True}


def test_a_server_that_keeps_items_with_their_parents_passes(tmp_path: Path) -> None:
    assert judged(tmp_path) == {ALBUMS: [], SONGS: [], NOTES: []}


def test_each_parent_may_count_the_ids_of_its_children(tmp_path: Path) -> None:
    objections = judged(tmp_path, "numbers of each parent")
    assert (objections[SONGS], objections[NOTES]) == ([], [])


def test_a_child_is_looked_for_below_its_own_parent_by_any_id(tmp_path: Path) -> None:
    objections = judged(tmp_path, "numbers of each parent, one list")
    assert all("has 0 elements like" in objections[path][0] for path in (SONGS, NOTES))


def test_a_sequence_sends_the_type_of_its_operation_and_names_what_it_makes() -> None:
    calls = make_calls({"type": "object", "properties": {"id": {"type": "integer"}, "text": TEXT}})
    sent = [call["request"]["headers"] for call in calls if "json" in call["request"]]
    assert sent == [{"Content-Type": "application/vnd.api+json"}] * len(sent)
    made = {name for call in calls for name in call.get("gives", ())}
    assert set(re.findall("@([A-Z]+)@", json.dumps(calls))) - {"NEW"} <= made


def test_a_member_that_is_only_sent_is_looked_for_in_no_answer() -> None:
    secret = {"type": "string", "writeOnly": True, "default": "none"}
    members = {"id": {"type": "integer"}, "text": TEXT, "password": secret, "pin": secret}
    calls = make_calls({"type": "object", "required": ["password", "pin"], "properties": members})
    assert any("password" in call["request"].get("json", ()) for call in calls)
    answers = [{**call, "request": None} for call in calls]
    assert "text" in json.dumps(answers)
    assert "password" not in json.dumps(answers)


@pytest.mark.parametrize("around", ["", "note"])
def test_an_id_that_may_be_left_out_is_the_servers_to_make(around: str) -> None:
    note = {"type": "object", "properties": {"id": {"type": "string"}, "text": TEXT}}
    calls = make_calls(wrapped(note, around))
    sent = [call["request"]["json"] for call in calls if "json" in call["request"]]
    assert sent
    assert all("id" not in (each[around] if around else each) for each in sent)


def test_an_id_that_is_required_is_another_in_each_and_is_the_servers_in_a_change() -> None:
    members = {"id": {"type": "string"}, "text": {"type": "string"}}
    calls = make_calls({"type": "object", "required": ["id"], "properties": members})
    sent = [
        (call["request"]["method"], call["request"]["json"])
        for call in calls
        if "json" in call["request"]
    ]
    made = [body["id"] for method, body in sent if method == "POST"]
    assert len(made) == len(set(made)) > 1
    assert (
        "@ID@" in {body["id"] for method, body in sent if method == "PATCH"} <= {"@ID@", "@MOST@"}
    )
    shown = [call["body"] for call in calls if "body" in call]
    assert shown
    assert all("id" not in body for body in shown)


@pytest.mark.parametrize("around", ["", "note"])
def test_what_needs_an_id_of_a_form_can_be_made_once_and_is_left_out(around: str) -> None:
    members = {"id": {"type": "string", "pattern": "^n[0-9]$"}, "text": TEXT}
    note = {"type": "object", "required": ["id"], "properties": members}
    assert sequences(wrapped(note, around)) == []


def wrapped(schema: dict[str, Any], around: str) -> dict[str, Any]:
    """Return the schema of an object that has one of a schema, or that schema itself."""
    return {"type": "object", "properties": {around: schema}} if around else schema


def make_calls(note: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls of the sequence for notes of a schema."""
    [sequence] = sequences(note)
    return list(sequence["calls"])


def sequences(note: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the sequences for notes of a schema, whose id is in the answer."""
    media = {"content": {"application/vnd.api+json": {"schema": note}}}
    responses = {"200": {"description": "It.", **media}}
    ids = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    post = {"operationId": "add", "requestBody": media, "responses": responses}
    patch = {**post, "operationId": "change", "parameters": ids}
    get = {"operationId": "show", "parameters": ids, "responses": responses}
    paths = {"/notes": {"post": post}, "/notes/{id}": {"get": get, "patch": patch}}
    document = Document("notes", b"", {"openapi": "3.0.3", "paths": paths}, is_foreign=True)
    found = list_resources(document, SampleRequests(document), OwnCredentials(document, {}))
    return [make_sequence(each) for each in found]


@pytest.mark.parametrize(
    "fault",
    [
        "of any parent",
        "the last alone",
        "no change",
        "orphans",
        "parent too",
        "an old answer",
        "an old answer, accepted",
        "a bare answer",
    ],
)
def test_a_server_that_loses_or_mixes_up_items_fails(fault: str, tmp_path: Path) -> None:
    objections = judged(tmp_path, fault)
    assert objections[SONGS] != []
    assert objections[NOTES] != []


def test_the_rules_of_items_are_broken_at_each_depth(tmp_path: Path) -> None:
    # The server has no rules, so that each is missed.
    failed = {each.name for each in run_at(tmp_path, "rule").list_results(Outcome.FAILED)}
    for path in (f"{ALBUMS}/{{albumId}}", f"{SONGS}/{{songId}}", f"{NOTES}/{{noteId}}"):
        assert f"PATCH {path}: title maxLength is refused" in failed
