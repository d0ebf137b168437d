"""The clients in Java: their scenarios, build and declarations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, Language, run
from client_programs.names import camel, identifier, pascal, quoted
from client_programs.scenario import Argument, Scenario, Step


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"Scenario{pascal(scenario.api)}.java", "\n".join(_lines(scenario)) + "\n"


def index(apis: list[str]) -> tuple[str, str]:
    """Return the name and content of the index of scenarios."""
    lines = (f"            case {quoted(a)} -> new Scenario{pascal(a)}(h).run();\n" for a in apis)
    return "Scenarios.java", (
        "final class Scenarios {\n    static void run(String api, Harness h) {\n"
        f"        switch (api) {{\n{''.join(lines)}"
        "            default -> throw new IllegalArgumentException(api);\n        }\n    }\n}\n"
    )


def _lines(scenario: Scenario) -> Iterator[str]:
    name = pascal(scenario.api)
    yield "import java.time.Duration;"
    yield f"import tallystick.{scenario.api.replace('_', '')}.*;\n"
    yield f"final class Scenario{name} {{"
    yield "    private final Harness h;\n"
    yield f"    Scenario{name}(Harness h) {{\n        this.h = h;\n    }}\n"
    yield f"    private {name} client(String credential, String server) {{"
    yield '        boolean isAway = server.equals(h.text("${away}"));'
    yield "        Duration timeout = Duration.ofSeconds(isAway ? 1 : 30);"
    yield "        Options options = Options.server(server).withTimeout(timeout);"
    yield f"        return new {name}(h.text(credential), options);\n    }}\n"
    yield "    void run() {"
    for index in range(len(scenario.steps)):
        yield f"        step{index}();"
    yield "    }"
    for index, step in enumerate(scenario.steps):
        credential = quoted(scenario.clients[step.client])
        server = 'h.text("${away}")' if step.is_away else "h.server"
        arguments = ", ".join(_arguments(step, name))
        call = f"client({credential}, {server}).{camel(step.operation)}({arguments})"
        if step.pages:
            call = f"h.all(client({credential}, {server}).{camel(step.operation)}All({arguments}))"
        yield f"\n    private void step{index}() {{"
        yield from _refused(step, call) if step.refused else _done(step, call)
        yield "    }"
    yield "}"


def _done(step: Step, call: str) -> Iterator[str]:
    if step.has_result:
        yield f"        String result = Json.write({call});"
    else:
        yield f'        {call};\n        String result = "null";'
    for name, where in step.keep.items():
        yield f"        h.keep({quoted(name)}, result, {quoted(where)});"
    for where, wanted in step.expect.items():
        yield f"        h.expect({quoted(where)}, result, {quoted(wanted)});"
    yield f"        h.done({quoted(step.operation)}, result);"


def _refused(step: Step, call: str) -> Iterator[str]:
    assert step.refused
    status, code = step.refused
    yield "        try {"
    yield f"            {call};"
    yield f"            h.refused({quoted(step.operation)}, false);"
    if not status:
        yield "        } catch (NetworkException e) {"
        yield f"            h.refused({quoted(step.operation)}, e.isTimeout());"
        yield "        }"
        return
    yield "        } catch (ApiException e) {"
    expected = f"e.status() == {status}"
    if code:
        expected += f" && e.code() == Code.{identifier(code)} && !e.body().isEmpty()"
    yield f"            h.refused({quoted(step.operation)}, {expected});"
    yield "        }"


def _arguments(step: Step, client: str) -> Iterator[str]:
    for value in step.path:
        yield f"h.text({quoted(value)})"
    if step.body is not None:
        of = step.body_type or "Object"
        nulls = "".join(f".sendNull({quoted(name)})" for name in step.nulls)
        yield f"Json.read(h.body({quoted(step.body)}), {of}.class){nulls}"
    if step.takes_query:
        members = "".join(f".{camel(each.name)}({_value(each)})" for each in step.query)
        yield f"new {client}.{pascal(step.operation)}Query(){members}"


def _value(argument: Argument) -> str:
    if argument.kind == "map":
        members = (quoted(text) for pair in argument.value.items() for text in pair)
        return f"java.util.Map.of({', '.join(members)})"
    if isinstance(argument.value, bool):
        return quoted(argument.value)
    text = f"h.text({quoted(str(argument.value))})"
    if argument.kind.startswith("int"):
        return f"{'Integer' if argument.kind == 'int32' else 'Long'}.valueOf({text})"
    if argument.kind == "text":
        return text
    return f"{argument.kind}.of({text})"


def _compile(build: Build) -> None:
    classes = build.work / "classes"
    strict = ["javac", "-Xlint:all", "-Werror", "-proc:none", "-encoding", "UTF-8"]
    strict += ["--release", "17", "-d", str(classes)]
    run([*strict, "-cp", _jackson(), *build.made.rglob("*.java")], build.work)
    here = f"{classes}{os.pathsep}{_jackson()}"
    run([*strict, "-cp", here, *build.work.rglob("*.java")], build.work)


def _jackson() -> str:
    """Return the path of a jar with Jackson: the generator's own."""
    package = find_spec("openapi_generator_cli")
    assert package
    assert package.origin
    return str(Path(package.origin).with_name("openapi-generator.jar"))


def _command(build: Build) -> list[str]:
    path = f"{build.work / 'classes'}{os.pathsep}{_jackson()}"
    return ["java", "-XX:TieredStopAtLevel=1", "-cp", path, "Harness"]


def _first_call(build: Build, _: str, program: str) -> str:
    file = build.work / "FirstCall.java"
    file.write_text(program, encoding="utf-8")
    return run([*_command(build)[:-1], file], build.work)


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    return (
        f"samples/{api}/{operation}/Sample.java",
        f"package samples.{api}.{operation};\n\n{program}",
    )


LANGUAGE = Language(
    "java",
    ("java", "javac"),
    program,
    _compile,
    _command,
    _first_call,
    _sample,
    ".java",
    BracedDeclarations(r"public ", r" {4}( {4})?public "),
    index=index,
    published=("com.acme:events", "pom.xml", "<groupId>com.acme</groupId>"),
    behaviour=(
        *("page 1 345", "page 2 345", "circle 2", "page 3"),
        *("async circle 5 true", "async page 6"),
        *("async true", "async 503"),
        "typed Service indisponible.",
        "any nullnull",  # an answer of any JSON
        "equal true",
    ),
    forms=frozenset({"alias"}),
)
