"""A discriminator's names are values that callers send and readers meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from gate.diff.framed import compared, told

PETS = """\
paths: {/pets: {post: {requestBody: {content: SENT}, responses: {'200': {content: SHOWN}}}}}
components:
  schemas:
    Cat: {type: object, required: [kind], properties: {kind: {type: string}}}
    Dog: {type: object, required: [kind, size], properties: {kind: {type: string}, size: {}}}
    Pet:
      oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, mapping: {cat: Cat, NAMES}}
"""
PET = "{application/json: {schema: {$ref: '#/components/schemas/Pet'}}}"
DOG, HOUND, BOTH = "dog: Dog", "hound: Dog", "dog: Dog, hound: Dog"


def pets(names: str, *, sent: bool) -> str:
    """A document whose pets are sent, or else shown."""
    text = PETS.replace("SENT" if sent else "SHOWN", PET).replace("NAMES", names)
    return text.replace("SENT", "{}").replace("SHOWN", "{}")


@pytest.mark.parametrize(
    ("sent", "old", "new", "breaks"),
    [
        (True, DOG, HOUND, True),
        (True, BOTH, DOG, True),
        (True, DOG, BOTH, False),
        (False, DOG, HOUND, True),
        (False, BOTH, DOG, False),
        (False, DOG, BOTH, True),
    ],
)
def test_a_name_that_is_sent_stays_and_one_that_is_shown_is_known(
    sent: bool, old: str, new: str, breaks: bool, tmp_path: Path
) -> None:
    run = compared(tmp_path, "document", pets(old, sent=sent), pets(new, sent=sent))
    assert told(run) == ([("breaking", "discriminator-changed")] if breaks else [])


SCHEMA = "type: object, required: [kind], properties: {kind: {KIND}}"
TOLD_APART = """\
paths: {/pets: {post: {requestBody: {content: SENT}, responses: {'200': {content: SHOWN}}}}}
components:
  schemas:
    CAT: {SCHEMA}
    Dog: {SCHEMA}
    Pet:
      oneOf: [{$ref: '#/components/schemas/CAT'}, {$ref: '#/components/schemas/Dog'}]
      discriminator: {propertyName: kind, MAPPING}
"""
MAPPED = "mapping: {cat: CAT, dog: '#/components/schemas/Dog'}"
PARTLY = "mapping: {dog: '#/components/schemas/Dog'}"
AS_NAMED = "mapping: {CAT: CAT, dog: '#/components/schemas/Dog'}"
BY_NAMES = "mapping: {Cat: CAT, Dog: '#/components/schemas/Dog'}"


def told_apart(cat: str, mapping: str = "", kind: str = "type: string", *, sent: bool) -> str:
    """A document whose pets, of which one is called so, are told apart by the names of schemas."""
    text = TOLD_APART.replace("SCHEMA}", f"{SCHEMA}}}").replace("KIND", kind)
    text = text.replace("MAPPING", mapping).replace("CAT", cat)
    text = text.replace("SENT" if sent else "SHOWN", PET)
    return text.replace("SENT", "{}").replace("SHOWN", "{}")


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize(
    ("old", "new", "breaks"),
    [
        (("Cat",), ("Kitten",), True),
        (("Cat",), ("Cat", MAPPED), True),
        (("Cat", MAPPED), ("Cat",), True),
        (("Cat",), ("Cat", BY_NAMES), False),
        (("Cat",), ("Kitten", BY_NAMES), False),
        (("Cat", MAPPED), ("Kitten", MAPPED), False),
        (("Cat", PARTLY), ("Cat", AS_NAMED), False),
        (("Cat", AS_NAMED), ("Cat", PARTLY), False),
        (("Cat", PARTLY), ("Kitten", PARTLY), True),
        (("Cat", "", "enum: [a, b]"), ("Kitten", "", "enum: [a, b]"), False),
    ],
)
def test_without_a_mapping_the_names_of_schemas_are_sent_and_shown(
    sent: bool, old: tuple[str, ...], new: tuple[str, ...], breaks: bool, tmp_path: Path
) -> None:
    run = compared(tmp_path, "document", told_apart(*old, sent=sent), told_apart(*new, sent=sent))
    assert bool([level for level, _ in told(run) if level == "breaking"]) is breaks


@pytest.mark.parametrize("sent", [True, False])
def test_a_member_whose_name_is_no_text_is_another_one(sent: bool, tmp_path: Path) -> None:
    old = told_apart("Cat", sent=sent)
    run = compared(tmp_path, "document", old, old.replace("propertyName: kind", "propertyName: []"))
    assert ("breaking", "discriminator-changed") in told(run)
