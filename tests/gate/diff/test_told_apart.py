"""A schema with a discriminator and no list of alternatives has its heirs by ``allOf`` for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.diff.framed import compared, told

PETS = """\
paths: {/pets: {post: {requestBody: {content: SENT}, responses: {'200': {content: SHOWN}}}}}
components:
  schemas:
    Pet: {type: object, required: [kind], properties: {kind: {KIND}}, DISCRIMINATOR}
    Dog: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {size: {type: string}}}]}
    Cat: {allOf: [{$ref: '#/components/schemas/Pet'}, {properties: {claws: {type: string}}}]}
"""
SCHEMA = "{application/json: {schema: {$ref: '#/components/schemas/USED'}}}"
PUPPY = "    Puppy: {allOf: [{$ref: '#/components/schemas/Dog'}, {required: [age]}]}\n"
ANY, LISTED = "type: string", "enum: [a, b]"
BY_NAMES = "discriminator: {propertyName: kind}"
BY_MAPPING = "discriminator: {propertyName: kind, mapping: {a: Dog, b: '#/components/schemas/Cat'}}"


def pets(
    *edits: tuple[str, str],
    sent: bool,
    kind: str = ANY,
    by: str = BY_NAMES,
    used: str = "Pet",
    more: str = "",
) -> str:
    """A document whose pets are sent, or else shown, after some edits."""
    text = PETS.replace("{KIND}", f"{{{kind}}}").replace("DISCRIMINATOR", by) + more
    text = text.replace("SENT" if sent else "SHOWN", SCHEMA.replace("USED", used))
    text = text.replace("SENT", "{}").replace("SHOWN", "{}")
    for was, is_ in edits:
        assert was in text
        text = text.replace(was, is_)
    return text


RENAMED = ("Dog", "Hound")
RETYPED = ("size: {type: string}", "size: {type: integer}")


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize(
    ("kind", "by", "breaks"),
    [(ANY, BY_NAMES, True), (LISTED, BY_NAMES, False), (ANY, BY_MAPPING, False)],
)
def test_the_name_of_an_heir_is_sent_unless_other_values_are_told(
    kind: str, by: str, breaks: bool, sent: bool, tmp_path: Path
) -> None:
    old, new = pets(sent=sent, kind=kind, by=by), pets(RENAMED, sent=sent, kind=kind, by=by)
    levels = [level for level, _ in told(compared(tmp_path, "document", old, new))]
    assert ("breaking" in levels) is breaks


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("kind", [ANY, LISTED])
@pytest.mark.parametrize("by", [BY_NAMES, BY_MAPPING])
def test_what_an_heir_adds_is_compared(by: str, kind: str, sent: bool, tmp_path: Path) -> None:
    old, new = (pets(*edits, sent=sent, kind=kind, by=by) for edits in ((), (RETYPED,)))
    rule = "request-type-changed" if sent else "answer-type-changed"
    assert told(compared(tmp_path, "document", old, new)) == [("breaking", rule)]


def test_an_heir_of_an_heir_is_one_too(tmp_path: Path) -> None:
    old, new = pets(sent=False), pets(sent=False, more=PUPPY)
    assert told(compared(tmp_path, "document", old, new)) == [("breaking", "answer-variant-added")]
    assert told(compared(tmp_path, "document", new, old)) == []


def test_a_further_heir_is_taken(tmp_path: Path) -> None:
    old, new = pets(sent=True), pets(sent=True, more=PUPPY)
    assert told(compared(tmp_path, "document", old, new)) == []
    run = compared(tmp_path, "document", new, old)
    assert told(run) == [("breaking", "request-variant-removed")]


@pytest.mark.parametrize("sent", [True, False])
def test_the_name_of_the_schema_itself_is_sent_by_nobody(sent: bool, tmp_path: Path) -> None:
    old, new = pets(sent=sent), pets(("Pet", "Animal"), sent=sent)
    assert told(compared(tmp_path, "document", old, new)) == []


@pytest.mark.parametrize("sent", [True, False])
def test_an_heir_that_is_meant_itself_has_no_alternatives(sent: bool, tmp_path: Path) -> None:
    old, new = pets(sent=sent, used="Dog"), pets(RENAMED, sent=sent, used="Dog")
    assert told(compared(tmp_path, "document", old, new)) == []


def test_an_heir_with_a_discriminator_of_its_own_keeps_its_name(tmp_path: Path) -> None:
    inner = ("Dog: {allOf", f"Dog: {{{BY_NAMES}, allOf")
    old = pets(inner, sent=True, more=PUPPY)
    run = compared(tmp_path, "document", old, old.replace("Dog", "Hound"))
    assert told(run) == [("breaking", "request-variant-removed")]


@pytest.mark.parametrize("sent", [True, False])
def test_heirs_may_be_listed_instead(sent: bool, tmp_path: Path) -> None:
    names = ("Dog", "Cat")
    listed = ", ".join(f"{{$ref: '#/components/schemas/{name}'}}" for name in names)
    wrapped = f"    Any: {{oneOf: [{listed}], {BY_NAMES}}}\n"
    old, new = pets(sent=sent), pets(sent=sent, used="Any", more=wrapped)
    for pair in ((old, new), (new, old)):
        assert told(compared(tmp_path, "document", *pair)) == []
