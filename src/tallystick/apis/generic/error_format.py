"""The shape of a contract's errors: the one that it declares for a status, filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from tallystick.apis.gateway.error_format import render as render_problem_details
from tallystick.apis.generic.repeats import KeyReused
from tallystick.contract import error_codes
from tallystick.contract.answer import Answer, ErrorRenderer
from tallystick.contract.declared_responses import (
    DeclaredResponse,
    DeclaredResponses,
    OperationKey,
)
from tallystick.contract.error_codes import Codes
from tallystick.contract.exceptions import Failed, Invalid, NotFound, Problem, Violation
from tallystick.contract.json_pointer import write_pointer
from tallystick.contract.media_types import JSON, find_json
from tallystick.contract.schema_shape import SchemaShape
from tallystick.contract.schema_values import SchemaValues

Facts = Mapping[str, Any]
"""What is known of an error: ``status``, ``code``, ``message``, ``place`` and ``name``."""

_MESSAGES = frozenset(
    "message msg detail details description errormessage errordescription errormsg text".split()
)

_MEANINGS: Sequence[tuple[str, frozenset[str]]] = (
    ("status", frozenset("status statuscode httpstatus httpstatuscode httpcode".split())),
    ("code", frozenset("code errorcode error errortype type reason errcode key".split())),
    ("message", _MESSAGES),
    ("title", frozenset({"title"})),
    ("pointer", frozenset({"pointer", "instancepath"})),
    ("place", frozenset("path field fieldname parameter param property target location "
                        "source attribute name".split())),
    ("where", frozenset("in where".split())),
)  # fmt: skip
"""Names of members, without punctuation, by what they tell of an error."""

_BESIDE_POINTER = frozenset({"header", "parameter"})
"""Names of members beside a pointer, as in JSON:API: one of the three tells the place."""

_PHRASES = {each.value: each.phrase for each in HTTPStatus}

_ROOM = re.compile(r"\{(status|code|message|place|where)\}")
_EXTENSION = "x-error-body"


class ErrorFormat:
    """Renders problems of one contract's operations."""

    def __init__(
        self, declared: DeclaredResponses, values: SchemaValues, content: Mapping[str, Any]
    ) -> None:
        self._declared = declared
        self._values = values
        self._content = content

    def renderer(self, operation: OperationKey | None) -> ErrorRenderer:
        """Return what renders the problems of an operation; without one, problem details do."""
        if operation is None:
            return render_problem_details

        def render(problem: Problem, codes: Codes) -> Answer:
            return self._render(problem, codes, operation)

        return render

    def _render(self, problem: Problem, codes: Codes, operation: OperationKey) -> Answer:
        errors = _facts(problem, codes, self._only_code(problem, codes, operation))
        if self._is_nowhere(errors, operation):
            errors = [_at_status(each, NotFound.status) for each in errors]
        response = self._find(operation, int(errors[0]["status"]))
        if response is None:
            return _problem_details(problem, codes, errors)
        errors = [_at_status(each, response.status) for each in errors]
        media_type = find_json(response.schemas)
        if media_type is None:
            return _problem_details(problem, codes, errors)
        body = self._body(response, media_type, errors)
        if body is None:
            return _problem_details(problem, codes, errors)
        headers = {**response.headers, "Content-Type": JSON if "*" in media_type else media_type}
        return Answer(body, response.status, headers)

    def _is_nowhere(self, errors: Sequence[Facts], operation: OperationKey) -> bool:
        """Whether a path is wrong where the contract declares no other refusal than a 404."""
        if any((each["where"], each["status"]) != ("path", Invalid.status) for each in errors):
            return False
        wrong, unknown = (self._find(operation, each.status) for each in (Invalid, NotFound))
        return wrong is None and unknown is not None

    def _find(self, operation: OperationKey, status: int) -> DeclaredResponse | None:
        exact = self._declared.responses(operation)
        for each in (status, *error_codes.ALIKE.get(status, ())):
            if each in exact:
                return exact[each]
        return self._declared.find_response(operation, status)

    def _only_code(self, problem: Problem, codes: Codes, operation: OperationKey) -> str | None:
        """The one code of the answer with the problem's status that may be of it, if it is one."""
        response = self._find(operation, problem.status)
        listed = response.extensions.get("x-codes", ()) if response else ()
        fitting = [code for code in listed if code in codes]
        if isinstance(problem, KeyReused):
            fitting = [each for each in fitting if _is_of_keys(each, codes)] or fitting
        if len(fitting) == 1 and codes[fitting[0]].status == problem.status:
            return str(fitting[0])
        return None

    def _body(self, response: DeclaredResponse, media_type: str, errors: Sequence[Facts]) -> Any:
        """The body with what is known of the errors filled in; None where none would be valid."""
        schema = response.schemas[media_type]
        judge = response.validators[media_type]
        template = response.extensions.get(_EXTENSION, self._content.get(_EXTENSION))
        if template is not None and judge.is_valid(filled := fill_template(template, errors)):
            return filled
        examples = [*response.examples.values()] if media_type == response.media_type else []
        shape = SchemaShape(schema, self._content)
        made = self._values.make_value(schema, "error")
        bases = [*examples, _told(shape, made), made]
        for base in bases:
            for fill in (_fill_all, _fill_first):
                body = fill(shape, base, errors)
                if judge.is_valid(body):
                    return body
        return next((base for base in bases if judge.is_valid(base)), None)


def _is_of_keys(code: str, codes: Codes) -> bool:
    """Whether a code tells of a key that was sent before."""
    return "idempoten" in f"{code} {codes[code].message}".lower()


def _problem_details(problem: Problem, codes: Codes, errors: Sequence[Facts]) -> Answer:
    """The errors as problem details, with the code of the first one if that is no mere status."""
    first = errors[0]
    answer = render_problem_details(problem, codes)
    body = {
        **answer.body,
        "title": _phrase(first["status"]),
        "status": first["status"],
        "detail": "; ".join(each["message"] for each in errors),
    }
    if str(first["code"]) not in (str(first["status"]), str(problem.status)):
        body["code"] = first["code"]
    return answer._replace(body=body, status=first["status"])


def _phrase(status: int) -> str:
    """HTTP's phrase of a status; an unregistered one has that of its class (RFC 9110, 15)."""
    return _PHRASES.get(status) or _PHRASES[status // 100 * 100]


def fill_template(template: Any, errors: Sequence[Facts]) -> Any:
    """Return the template with ``{status}``, ``{code}``, ``{message}``, ``{place}`` filled in.

    A text that is one of them alone becomes its value. A list of one item has one for each error.
    """
    if isinstance(template, Mapping):
        return {name: fill_template(each, errors) for name, each in template.items()}
    if isinstance(template, list):
        if len(template) != 1:
            return [fill_template(each, errors) for each in template]
        return [fill_template(template[0], [error]) for error in errors]
    if not isinstance(template, str):
        return template
    whole = _ROOM.fullmatch(template)
    if whole:
        return errors[0][whole[1]]
    return _ROOM.sub(lambda found: str(errors[0][found[1]]), template)


def _facts(problem: Problem, codes: Codes, only_code: str | None) -> list[Facts]:
    if isinstance(problem, Invalid):
        found = [_violation_facts(violation, codes) for violation in problem.violations]
        # One answer has one status: that of the first rule that was broken.
        return [each for each in found if each["status"] == found[0]["status"]]
    code = problem.code or only_code or str(problem.status)
    known = codes.get(code)
    said = str(problem) if problem.status != Failed.status else str(Failed())
    return [
        {
            "status": known.status if known else problem.status,
            "code": error_codes.value(code),
            "message": _explained(known.message, said) if known else said,
            "title": _phrase(known.status if known else problem.status),
            "place": "",
            "pointer": "",
            "where": "",
            "steps": [],
        }
    ]


def _at_status(error: Facts, status: int) -> Facts:
    """The error for an answer of another status, with that one for a code of a mere status."""
    is_mere = error["code"] == str(error["status"])
    code = str(status) if is_mere else error["code"]
    return {**error, "status": status, "code": code, "title": _phrase(status)}


def _violation_facts(violation: Violation, codes: Codes) -> Facts:
    known = codes.get(violation.code or "")
    place = ".".join(map(str, violation.path)) or violation.name
    rule = f"{place or violation.where} {violation.message}".strip()
    return {
        "status": known.status if known else Invalid.status,
        "code": error_codes.value(violation.code or str(Invalid.status)),
        "message": _explained(known.message, rule) if known else rule,
        "title": _phrase(known.status if known else Invalid.status),
        "place": place,
        "pointer": write_pointer(violation.path) or place,
        "where": violation.where,
        "steps": list(violation.path or filter(None, [violation.name])),
    }


def _explained(message: str, rule: str) -> str:
    """A code's own message; one with room for a reason gets the rule that was broken."""
    return re.sub(r"\{\w+\}", lambda _: rule, message)


def _told(shape: SchemaShape, made: Any) -> Any:
    """Return a made body without optional members of unknown meaning."""
    if isinstance(made, list):
        return [_told(shape.items(), each) for each in made]
    if not isinstance(made, Mapping):
        return made
    return {
        name: _told(shape.member(name), each)
        for name, each in made.items()
        if name in shape.required or isinstance(each, dict | list) or _meaning(name, made)
    }


def _fill_all(shape: SchemaShape, base: Any, errors: Sequence[Facts]) -> Any:
    """The base with all errors: lists of objects have an item for each."""
    if isinstance(base, list):
        items = shape.items()
        first = base[0] if base else {}
        return [_fill_all(items, first, [error]) for error in errors]
    if not isinstance(base, Mapping):
        return errors[0]["message"] if isinstance(base, str) else base
    return {
        name: _filled_list(name, each, shape.member(name), errors)
        if isinstance(each, list)
        else _fill_all(shape.member(name), each, errors)
        if isinstance(each, dict)
        else _as(each, shape.member(name), errors[0], _meaning(name, base))
        for name, each in base.items()
        if name in shape.required
        or not (_is_nowhere(errors[0], _meaning(name, base)) or _is_beside(name, base, errors[0]))
    }


def _filled_list(
    name: str, base: list[Any], shape: SchemaShape, errors: Sequence[Facts]
) -> list[Any]:
    """The place in steps, as FastAPI's ``loc`` and Zod's ``path`` tell it; else all errors."""
    is_of_steps = _plain(name) in ("loc", "path") and shape.items().type != "object"
    if not is_of_steps:
        return list(_fill_all(shape, base, errors))
    error = errors[0]
    before = [error["where"]] if _plain(name) == "loc" and error["where"] else []
    return [*before, *error["steps"]]


def _fill_first(shape: SchemaShape, base: Any, errors: Sequence[Facts]) -> Any:
    """The base with the first error in the members of its first level."""
    if not isinstance(base, Mapping):
        return base
    return {
        name: each
        if isinstance(each, dict | list)
        else _as(each, shape.member(name), errors[0], _meaning(name, base))
        for name, each in base.items()
    }


def _is_nowhere(error: Facts, meaning: str | None) -> bool:
    """Whether a member tells a place, and the error has none."""
    return meaning in ("place", "pointer", "where") and not error[meaning]


def _is_beside(name: str, siblings: Iterable[str], error: Facts) -> bool:
    """Whether a member stands beside the one that tells the place of an error."""
    plain, others = _plain(name), set(map(_plain, siblings))
    if "pointer" not in others or others.isdisjoint(_BESIDE_POINTER):
        return False
    told = {"header": "header", "body": "pointer"}.get(error["where"], "parameter")
    return plain in {*_BESIDE_POINTER, "pointer"} and plain != told


def _meaning(name: str, siblings: Iterable[str]) -> str | None:
    """What a member tells of an error; ``error`` or ``title`` alone is the message."""
    plain = _plain(name)
    if plain in _BESIDE_POINTER and "pointer" in map(_plain, siblings):
        return "place"
    is_alone = plain in ("error", "title") and not _MESSAGES & set(map(_plain, siblings))
    if is_alone:
        return "message"
    return next((meaning for meaning, names in _MEANINGS if plain in names), None)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _as(value: Any, shape: SchemaShape, error: Facts, meaning: str | None) -> Any:
    """What the member means, as its schema writes it: ``code`` may be a number."""
    if meaning is None or isinstance(value, bool):
        return value
    known, types, options = error[meaning], shape.types, shape.keywords.get("enum")
    if "integer" in types or "number" in types or isinstance(value, int):
        number = int(known) if str(known).isdecimal() else error["status"]
        fitting = (number, *error_codes.ALIKE.get(number, ()))
        return next((each for each in fitting if not options or each in options), value)
    if meaning == "pointer" and str(value).startswith("#"):
        return f"#{known}"  # as a fragment, by the contract's own example
    if not options or str(known) in options:
        return str(known)
    is_mere = meaning == "code" and str(known) == str(error["status"])
    named = (each for each in options if is_mere and _plain(str(each)) == _plain(error["title"]))
    return next(named, value)
