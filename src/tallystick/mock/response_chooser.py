"""Chooses among the answers declared by the contract; every other answer is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from typing import Any

from tallystick import randomness
from tallystick.contract.answer import Answer
from tallystick.contract.declared_responses import DeclaredResponse, DeclaredResponses
from tallystick.contract.exceptions import Invalid, Problem, Refused, Violation
from tallystick.contract.json_text import write_json
from tallystick.contract.operation import Operation
from tallystick.mock import error_bodies
from tallystick.mock.answer_template import fill_template
from tallystick.mock.outside_answer import AnswerHeader, outside_answer
from tallystick.mock.request_view import RequestView

Render = Callable[[Problem, Operation], Answer]
"""Returns a problem as an answer in the shape of an operation's API."""


class NoSuchResponse(Refused):
    """The contract has no such answer."""


@dataclass(frozen=True, slots=True)
class ResponseChoice:
    """A choice of an answer; the contract's examples fill in the rest."""

    status: int | None = None
    error: str | None = None
    """An error code, which implies its status."""
    example: str | None = None
    dynamic: bool = False
    """A body made from the schema, another one each time, instead of an example."""
    body: Any = None
    has_body: bool = False
    headers: Mapping[str, AnswerHeader] = field(default_factory=dict)
    outside: bool = False
    """Whether it is from outside the contract; nothing judges it."""
    has_template: bool = False
    """Whether body or headers have placeholders for values of the request."""

    def fill(self, facts: RequestView) -> ResponseChoice:
        """Return the choice with the request's values in place of placeholders."""
        if not self.has_template:
            return self
        headers = fill_template(dict(self.headers), facts)
        return replace(self, body=fill_template(self.body, facts), headers=_as_texts(headers))


class ResponseChooser:
    """A chooser among the contract's declared answers."""

    def __init__(
        self, declared: DeclaredResponses, operations: Sequence[Operation], render: Render
    ) -> None:
        self.use_contract(declared, operations, render)

    def use_contract(
        self, declared: DeclaredResponses, operations: Sequence[Operation], render: Render
    ) -> None:
        """Choose among the answers of these operations from now on."""
        self._declared = declared
        self._render = render
        self._operations = {operation.id: operation for operation in operations}

    def operation(self, id_: str, where: str = "body") -> Operation:
        """Return the operation of this id; raise `Invalid`, with `where` as the id's place."""
        if id_ not in self._operations:
            near = ", ".join(get_close_matches(id_, self._operations, cutoff=0.4))
            hint = f"; near it are {near}" if near else ""
            raise _invalid("operation", f"is no operationId of the contracts{hint}", where)
        return self._operations[id_]

    def list_operations(self, api: str | None) -> list[Operation]:
        """Return every operation of an API, or of all APIs; raise `Invalid`."""
        apis = {operation.api for operation in self._operations.values()}
        if api is not None and api not in apis:
            raise _invalid("api", f"must be one of {', '.join(sorted(apis))}")
        return [o for o in self._operations.values() if api in (None, o.api)]

    def check(self, operation: Operation, choice: ResponseChoice) -> None:
        """Raise `NoSuchResponse`, with the possible ones, for an answer that can't be chosen.

        Body and headers with placeholders are judged when they are filled.
        """
        if choice.has_template:
            choice = replace(choice, body=None, has_body=False, headers={})
        self.choose(operation, choice)

    def choose(self, operation: Operation, choice: ResponseChoice) -> Answer:
        """Return the chosen answer; raise `NoSuchResponse` with the possible ones."""
        if choice.outside:
            return outside_answer(choice.status or 200, choice.headers, choice.body)
        response = self._response(operation, choice)
        body, own = self._body(operation, response, choice)
        headers = {**response.headers, **own, **_given(operation, response, choice.headers)}
        if response.media_type:
            headers["Content-Type"] = response.media_type
        if isinstance(body, str) and "json" not in response.media_type:
            body = body.encode()
        return Answer(body, response.status, headers)

    def _response(self, operation: Operation, choice: ResponseChoice) -> DeclaredResponse:
        status = choice.status
        if choice.error is not None:
            status = self._status_of(operation, choice.error, status)
        responses = self._declared.responses(operation)
        if status is None and choice.example is not None:
            return _with_example(operation, responses.values(), choice.example)
        if status is None:
            return self._first(operation)
        response = self._declared.find_response(operation, status)
        if response is None:
            known = ", ".join(map(str, responses))
            raise NoSuchResponse(f"{operation.id} never answers {status}: it answers {known}")
        return response

    def _first(self, operation: Operation) -> DeclaredResponse:
        response = self._declared.success_response(operation)
        if response is None:
            raise NoSuchResponse(f"{operation.id} declares no answer")
        return response

    def _status_of(self, operation: Operation, error: str, status: int | None) -> int:
        answers = self._declared.answer_codes(operation)
        key = next((each for each, codes in answers.items() if error in codes), None)
        if key is None:
            known = ", ".join(code for codes in answers.values() for code in codes) or "none"
            raise NoSuchResponse(f"{operation.id} has no error code {error}: it has {known}")
        found = int(key) if key.isdigit() else self._declared.codes(operation)[error].status
        if status not in (None, found):
            raise NoSuchResponse(f"the error code {error} goes with {found}, not with {status}")
        return found

    def _body(
        self, operation: Operation, response: DeclaredResponse, choice: ResponseChoice
    ) -> tuple[Any, Mapping[str, str]]:
        if choice.has_body:
            return _valid(operation, response, choice.body), {}
        examples = response.examples
        if choice.example is not None:
            if choice.example not in examples:
                raise _no_example(operation, choice.example, [response])
            examples = {choice.example: examples[choice.example]}
        if choice.error is not None:
            return self._with_error(operation, response, choice.error, examples.values())
        if choice.dynamic or not examples:
            return self._made(operation, response, choice.dynamic), {}
        return next(iter(examples.values())), {}

    def _made(self, operation: Operation, response: DeclaredResponse, dynamic: bool) -> Any:
        """A body from the response's schema, which tells an error as the service would.

        Empty bytes where it has no body.
        """
        if not response.media_type:
            return b""
        if response.status >= 400 and not dynamic and "json" in response.media_type:
            problem = _problem_class(response.status, "")(error_bodies.REASON)
            told = self._render(problem, operation).body
            if response.validators[response.media_type].is_valid(told):
                return told
        seed = randomness.token_hex(8) if dynamic else ""
        schema = response.schemas[response.media_type]
        return self._declared.values.make_value(schema, seed, examples=not dynamic)

    def _with_error(
        self, operation: Operation, response: DeclaredResponse, error: str, examples: Iterable[Any]
    ) -> tuple[Any, Mapping[str, str]]:
        codes = self._declared.codes(operation)
        rule = self._declared.rule(operation, error)
        if rule:
            return self._rendered(operation, response, Invalid([rule]))
        for example in examples:
            body = error_bodies.with_code(example, codes, error)
            is_named = error in error_bodies.names(body, codes)
            if is_named or error_bodies.says(body, error_bodies.text(codes[error])):
                return _valid(operation, response, body), {}
        # Without such an example the API's own renderer knows the shape, or its contract's.
        problem = _problem_class(codes[error].status, error)(error_bodies.REASON)
        return self._rendered(operation, response, problem)

    def _rendered(
        self, operation: Operation, response: DeclaredResponse, problem: Problem
    ) -> tuple[Any, Mapping[str, str]]:
        """A problem as the service answers it: by problem details, if it declares no body."""
        answer = self._render(problem, operation)
        if not response.media_type:
            return answer.body, answer.headers
        return _valid(operation, response, answer.body), answer.headers


@cache
def _problem_class(status: int, code: str) -> type[Problem]:
    """Return the class of a problem with an error code of a contract, whose number is small."""
    return type("ChosenProblem", (Problem,), {"status": status, "code": code})


def _with_example(
    operation: Operation, responses: Iterable[DeclaredResponse], example: str
) -> DeclaredResponse:
    known = list(responses)
    for response in known:
        if example in response.examples:
            return response
    raise _no_example(operation, example, known)


def _no_example(
    operation: Operation, example: str, responses: Sequence[DeclaredResponse]
) -> NoSuchResponse:
    known = [f"{r.status} {name}" for r in responses for name in r.examples]
    return NoSuchResponse(
        f"{operation.id} has no example {example}: it has {', '.join(known) or 'none'}"
    )


def _given(
    operation: Operation, response: DeclaredResponse, headers: Mapping[str, AnswerHeader]
) -> Mapping[str, Any]:
    known = response.known_headers
    for name in headers:
        if name.lower() not in known:
            listed = ", ".join(known.values()) or "none"
            raise NoSuchResponse(
                f"{operation.id} has no header {name} with {response.status}: it has {listed}"
            )
    given = {known[name.lower()]: value for name, value in headers.items()}
    whole = {**response.headers, **given}
    for violation in response.header_violations(_raw(whole)):
        raise NoSuchResponse(
            f"{operation.id} has no such header with {response.status}: "
            f"{violation.name} {violation.message}"
        )
    return given


def _raw(headers: Mapping[str, AnswerHeader]) -> Iterable[tuple[bytes, bytes]]:
    for name, value in headers.items():
        for line in [value] if isinstance(value, str) else value:
            yield name.lower().encode(), line.encode("latin-1")


def _as_texts(headers: Mapping[str, Any]) -> dict[str, AnswerHeader]:
    """Return filled headers, each a text, or a list of texts, valid in a header."""
    return {
        name: [_as_text(each) for each in value] if isinstance(value, list) else _as_text(value)
        for name, value in headers.items()
    }


def _as_text(value: Any) -> str:
    text = value if isinstance(value, str) else write_json(value).decode()
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _valid(operation: Operation, response: DeclaredResponse, body: Any) -> Any:
    schema = response.validators.get(response.media_type)
    if schema is None:
        raise NoSuchResponse(f"{operation.id} has no body with {response.status}")
    if not schema.is_valid(body):
        found = schema.violations(body)
        said = "; ".join(f"{'.'.join(map(str, v.path)) or 'it'} {v.message}" for v in found)
        raise NoSuchResponse(
            f"the body breaks the contract of {operation.id} for {response.status}: {said}"
        )
    return body


def _invalid(name: str, message: str, where: str = "body") -> Invalid:
    return Invalid([Violation(where, name, "enum", None, message, (name,))])
