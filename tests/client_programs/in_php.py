"""The clients in PHP: their scenarios, build and declarations."""

from __future__ import annotations

from collections.abc import Iterator

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, Language, run
from client_programs.names import camel, identifier, pascal
from client_programs.scenario import Argument, Scenario, Step

_NOBODY = "http://127.0.0.1:1"
"""A server that nobody runs: a sample is as far as its call when it finds nobody there."""

_PHP = ("php", "-d", "error_reporting=-1", "-d", "display_errors=stderr")


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"scenario_{scenario.api}.php", "\n".join(_lines(scenario)) + "\n"


def quoted(value: object) -> str:
    """Return a text, number or truth value as PHP has it, without places for variables."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _lines(scenario: Scenario) -> Iterator[str]:
    name = pascal(scenario.api)
    yield "<?php\n\ndeclare(strict_types=1);\n"
    yield f"use Tallystick\\{name}\\{{ApiException, Code, {name}, NetworkException, Options}};\n"
    yield f"require_once __DIR__ . '/packages/{scenario.api}/autoload.php';\n"
    yield "return function (Harness $h): void {"
    for step in scenario.steps:
        credential = f"$h->text({quoted(scenario.clients[step.client])})"
        options = "$h->text('${away}'), 1.0" if step.is_away else "$h->server"
        yield f"    $client = new {name}({credential}, new Options({options}));"
        arguments = ", ".join(_arguments(step, name))
        call = f"$client->{camel(step.operation)}({arguments})"
        if step.pages:
            call = f"iterator_to_array($client->{camel(step.operation)}All({arguments}))"
        yield from _refused(step, call) if step.refused else _done(step, call)
    yield "};"


def _done(step: Step, call: str) -> Iterator[str]:
    yield f"    $result = {call};" if step.has_result else f"    {call};\n    $result = null;"
    for name, where in step.keep.items():
        yield f"    $h->keep({quoted(name)}, $result, {quoted(where)});"
    for where, wanted in step.expect.items():
        yield f"    $h->expect({quoted(where)}, $result, {quoted(wanted)});"
    yield f"    $h->done({quoted(step.operation)}, $result);"


def _refused(step: Step, call: str) -> Iterator[str]:
    assert step.refused
    status, code = step.refused
    kind = "ApiException" if status else "NetworkException"
    expected = f"$e->status === {status}" if status else "$e->isTimeout"
    if code:
        expected += f" && $e->apiCode === Code::{identifier(code)} && $e->body !== ''"
    yield "    try {"
    yield f"        {call};"
    yield f"        $h->refused({quoted(step.operation)}, false);"
    yield f"    }} catch ({kind} $e) {{"
    yield f"        $h->refused({quoted(step.operation)}, {expected});"
    yield "    }"


def _arguments(step: Step, client: str) -> Iterator[str]:
    for value in step.path:
        yield f"$h->text({quoted(value)})"
    if step.body is not None:
        body = f"$h->body({quoted(step.body)})"
        if step.body_type:
            nulls = ", ".join(map(quoted, step.nulls))
            kind = f"Tallystick\\{client}\\{step.body_type}"
            body = f"{kind}::fromJson({body})"
            if nulls:
                change = f"$change->nulls = [{nulls}]; return $change;"
                body = f"(function ($change) {{ {change} }})({body})"
        yield body
    for each in step.query:
        yield f"{camel(each.name)}: {_value(each)}"


def _value(argument: Argument) -> str:
    if argument.kind == "map":
        members = (f"{quoted(name)} => {quoted(value)}" for name, value in argument.value.items())
        return f"[{', '.join(members)}]"
    if argument.kind.startswith("int"):
        return f"(int) $h->text({quoted(str(argument.value))})"
    return (
        f"$h->text({quoted(argument.value)})"
        if isinstance(argument.value, str)
        else quoted(argument.value)
    )


def _compile(build: Build) -> None:
    packages = build.work / "packages"
    if not packages.exists():
        packages.symlink_to(build.made)
    files = [*build.made.rglob("*.php"), *build.work.glob("*.php")]
    for file in files:
        run([*_PHP, "-l", file], build.work)
    run([*_PHP, "samples.php"], build.work)


def _first_call(build: Build, api: str, program: str) -> str:
    file = build.work / f"first_{api}.php"
    autoload = f"require '{build.client(api)}/autoload.php';"
    text = program.replace("require 'vendor/autoload.php';", autoload)
    file.write_text(text, encoding="utf-8")
    return run([*_PHP, file], build.work)


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    autoload = f"require_once __DIR__ . '/../packages/{api}/autoload.php';"
    text = program.replace("require 'vendor/autoload.php';", autoload)
    return f"samples/{api}_{operation}.php", text.replace("Options::LOCALHOST", f"'{_NOBODY}'")


LANGUAGE = Language(
    "php",
    ("php",),
    program,
    _compile,
    lambda _: [*_PHP, "harness.php"],
    _first_call,
    _sample,
    ".php",
    BracedDeclarations(r"(final|abstract) class ", r" {4}public "),
    published=("acme/events", "composer.json", '"name": "acme/events"'),
    behaviour=(
        *("page 1 0 345", "page 2 1 345", "circle true 2"),
        "step 0",
        *("typed Service indisponible.", "typed true"),
    ),
)
