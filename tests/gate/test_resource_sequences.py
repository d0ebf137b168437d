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


def make_calls(note: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the calls of the sequence for notes of a schema."""
    media = {"content": {"application/vnd.api+json": {"schema": note}}}
    responses = {"200": {"description": "It.", **media}}
    ids = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    post = {"operationId": "add", "requestBody": media, "responses": responses}
    patch = {**post, "operationId": "change", "parameters": ids}
    get = {"operationId": "show", "parameters": ids, "responses": responses}
    paths = {"/notes": {"post": post}, "/notes/{id}": {"get": get, "patch": patch}}
    document = Document("notes", b"", {"openapi": "3.0.3", "paths": paths}, is_foreign=True)
    found = list_resources(document, SampleRequests(document), OwnCredentials(document, {}))
    [calls] = [make_sequence(each)["calls"] for each in found]
    return list(calls)


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
