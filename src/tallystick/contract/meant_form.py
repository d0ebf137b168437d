"""The meant form of a value, out of several: its faults are those to tell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError

from tallystick.contract.schema_shape import form_names

FORMS = "x-discriminated-forms"
"""The keyword of a compiled schema with the names of its forms, by its discriminator."""

_NAMES_KIND = frozenset({"const", "enum"})
"""Keywords of a member for telling one of several forms from the others."""

_NO_FORM = frozenset({"type", "falseSchema"})
"""Errors of a value of another type than a form's, and those of a form without values."""


def note_forms(result: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Keep the discriminating member in a compiled schema, and its values for each form."""
    discriminator, forms = schema.get("discriminator"), schema.get("oneOf", schema.get("anyOf"))
    if not forms or len(forms) == 1:  # one has no other to be told from
        return
    if isinstance(discriminator, Mapping) and "propertyName" in discriminator:
        mapping = discriminator.get("mapping") or {}
        names = [form_names(form, mapping) for form in forms]
        result[FORMS] = {"member": discriminator["propertyName"], "names": names}


def meant_form(
    forms: Sequence[list[ValidationError]], schema: Mapping[str, Any], value: Any, depth: int
) -> list[ValidationError]:
    """Return the errors of the one form meant by the value, if there is one.

    Without the discriminating member, the value lacks just that.
    """
    # An error told briefly, where the errors of all forms would cost too much, has those of none.
    if FORMS in schema and len(forms) == len(schema[FORMS]["names"]) and isinstance(value, Mapping):
        member, names = schema[FORMS]["member"], schema[FORMS]["names"]
        if member not in value:
            return [error for error in forms[0] if _lacks(error, member)]
        named = [form for form, own in zip(forms, names, strict=True) if value[member] in own]
        if len(named) == 1:
            return named[0]
    left = [*forms]
    for reach, telling in ((depth, _NAMES_KIND | _NO_FORM), (depth + 1, _NAMES_KIND)):
        left = [form for form in left if not _is_other(form, reach, telling)]
        if len(left) == 1:
            return left[0]
    return []


def _lacks(error: ValidationError, member: str) -> bool:
    kind: Any = error.kind  # each keyword's has attributes of its own
    return error.kind.name == "required" and kind.property == member


def _is_other(form: list[ValidationError], reach: int, telling: frozenset[str]) -> bool:
    """Return whether a form is of another type, or of another kind by one of its members."""
    return any(e.kind.name in telling and len(e.instance_path) <= reach for e in form)
