"""Which form of several a value was meant to have: its faults are those of that form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from jsonschema_rs import ValidationError

from tallystick.contract.schema_shape import form_names

FORMS = "x-discriminated-forms"
"""The keyword of a compiled schema that keeps how its discriminator names each form."""

_NAMES_KIND = frozenset({"const", "enum"})
"""Keywords by which a member tells one of several forms from the others."""

_NO_FORM = frozenset({"type", "falseSchema"})
"""Errors of a value of another type than a form's, and those of a form without values."""


def note_forms(result: dict[str, Any], schema: Mapping[str, Any]) -> None:
    """Keep in a compiled schema by which member, and by which of its values, each form is named."""
    discriminator, forms = schema.get("discriminator"), schema.get("oneOf", schema.get("anyOf"))
    if forms and isinstance(discriminator, Mapping) and "propertyName" in discriminator:
        mapping = discriminator.get("mapping") or {}
        names = [form_names(form, mapping) for form in forms]
        result[FORMS] = {"member": discriminator["propertyName"], "names": names}


def meant_form(
    forms: Sequence[list[ValidationError]], schema: Mapping[str, Any], value: Any, depth: int
) -> list[ValidationError]:
    """Return the errors of the one form that the value was meant to have, if there is one.

    Without the member that names its form, that is what it lacks.
    """
    if FORMS in schema and isinstance(value, Mapping):
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
