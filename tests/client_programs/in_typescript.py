"""The clients in TypeScript: their scenarios, build and declarations."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, Language, run
from client_programs.names import camel, identifier, kebab, pascal, quoted
from client_programs.scenario import Argument, Scenario, Step
from tallystick.clients import list_apis

TSC = Path(__file__).parents[2] / "node_modules/.bin/tsc"


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"scenario_{scenario.api}.ts", "\n".join(_lines(scenario)) + "\n"


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f'import * as client from "{kebab(scenario.api)}-client";'
    yield 'import type { Harness } from "./harness.js";\n'
    yield "export async function run(h: Harness): Promise<void> {"
    for step in scenario.steps:
        credential = f"h.text({quoted(scenario.clients[step.client])})"
        server = 'h.text("${away}"), timeoutMs: 1000' if step.is_away else "h.server"
        call = f"new client.{pascal(scenario.api)}({credential}, {{ server: {server} }})"
        call += f".{camel(step.operation)}{'All' if step.pages else ''}({_arguments(step)})"
        if step.pages:
            call = f"h.all({call})"
        if step.refused:
            status, code = step.refused
            yield f"  await {call}.then("
            yield f"    () => h.refused({quoted(step.operation)}, false),"
            yield "    (e: unknown) => h.refused("
            yield f"      {quoted(step.operation)},"
            if code:
                yield f"      e instanceof client.ApiError && e.status === {status} &&"
                yield f'        e.code === client.Code.{identifier(code)} && e.body !== "",'
            elif status:
                yield f"      e instanceof client.ApiError && e.status === {status},"
            else:
                yield "      e instanceof client.NetworkError && e.isTimeout,"
            yield "    ),"
            yield "  );"
        else:
            yield "  {"
            yield f"    const result = await {call};"
            for name, where in step.keep.items():
                yield f"    h.keep({quoted(name)}, result, {quoted(where)});"
            for where, wanted in step.expect.items():
                yield f"    h.expect({quoted(where)}, result, {quoted(wanted)});"
            yield f"    h.done({quoted(step.operation)}, result);"
            yield "  }"
    yield "}"


def _arguments(step: Step) -> str:
    arguments = [f"h.text({quoted(value)})" for value in step.path]
    if step.body is not None:
        of = f"client.{step.body_type}" if step.body_type else "client.JsonValue"
        arguments.append(f"h.body<{of}>({quoted(step.body)})")
    if step.query:
        members = (f"{camel(each.name)}: {_value(each)}" for each in step.query)
        arguments.append(f"{{ {', '.join(members)} }}")
    return ", ".join(arguments)


def _value(argument: Argument) -> str:
    if not isinstance(argument.value, str):
        return quoted(argument.value)
    text = f"h.text({quoted(argument.value)})"
    if argument.kind == "text":
        return text
    return f"Number({text})" if argument.kind.startswith("int") else quoted(argument.value)


def _compile(build: Build) -> None:
    modules = build.work / "node_modules"
    modules.mkdir(exist_ok=True)
    run([TSC, "-b", *build.packages()], build.work)
    for api in list_apis():
        link = modules / f"{kebab(api)}-client"
        if not link.exists():
            link.symlink_to(build.client(api))
    run([TSC], build.work)


def _first_call(build: Build, api: str, program: str) -> str:
    (build.work / f"first_{api}.ts").write_text(program, encoding="utf-8")
    run([TSC], build.work)
    return run(["node", f"dist/first_{api}.js"], build.work)


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    return f"samples/{api}_{operation}.ts", program


LANGUAGE = Language(
    "typescript",
    ("node", str(TSC)),
    program,
    _compile,
    lambda _: ["node", "dist/harness.js"],
    _first_call,
    _sample,
    ".ts",
    BracedDeclarations(
        r"export ", r"  ((async )?\w+\(|\w+<\w+>\(|constructor\(|get |(readonly )?\w+\??: |\[name)"
    ),
    published=("@acme/events", "package.json", '"name": "@acme/events"'),
    behaviour=(
        *("page 1 345", "page 2 345", "circle true 2", "ended true", "ended true"),
        *("typed Service indisponible.", "typed true"),
        "deaf true",  # a fetch without an end
        "step 0",
    ),
)
