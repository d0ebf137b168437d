"""The clients in Kotlin: their scenarios, build and declarations."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, Language, run
from client_programs.names import camel, identifier, pascal
from client_programs.names import quoted as quoted_text
from client_programs.scenario import Argument, Scenario, Step

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

_COMPILER = "org.jetbrains.kotlin.cli.jvm.K2JVMCompiler"

_QUICK = "-XX:TieredStopAtLevel=1"
"""Of programs that run for seconds, the best compiler of Java takes half of the time."""

_MAVEN = {"MAVEN_OPTS": _QUICK}


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    name = f"src/Scenario{pascal(scenario.api)}.kt"
    return name, "\n".join(_lines(scenario)) + "\n"


def index(apis: list[str]) -> tuple[str, str]:
    """Return the name and content of the index of scenarios."""
    lines = (f"    {quoted(api)} to ::run{pascal(api)},\n" for api in apis)
    return (
        "src/Scenarios.kt",
        f"val scenarios: Map<String, suspend (Harness) -> Unit> = mapOf(\n{''.join(lines)})\n",
    )


def quoted(value: object) -> str:
    """Return a text, number or truth value as Kotlin has it, without places for variables."""
    return quoted_text(value).replace("$", "\\$")


def _lines(scenario: Scenario) -> Iterator[str]:
    name = pascal(scenario.api)
    yield f"import tallystick.{scenario.api.replace('_', '')}.*"
    yield "import kotlin.time.Duration.Companion.seconds"
    yield "import kotlinx.coroutines.flow.toList\n"
    yield f"private fun client(h: Harness, credential: String, server: String): {name} {{"
    yield f"    val timeout = if (server == h.text({quoted('${away}')})) 1.seconds else 30.seconds"
    yield f"    return {name}(h.text(credential), Options(server, timeout))\n}}\n"
    yield f"suspend fun run{name}(h: Harness) {{"
    for number in range(len(scenario.steps)):
        yield f"    step{number}(h)"
    yield "}"
    for number, step in enumerate(scenario.steps):
        credential = quoted(scenario.clients[step.client])
        server = f"h.text({quoted('${away}')})" if step.is_away else "h.server"
        arguments = ", ".join(_arguments(step))
        name = camel(step.operation) + ("All" if step.pages else "")
        call = f"client(h, {credential}, {server}).{name}({arguments})"
        call += ".toList()" if step.pages else ""
        yield f"\nprivate suspend fun step{number}(h: Harness) {{"
        yield from _refused(step, call) if step.refused else _done(step, call)
        yield "}"


def _done(step: Step, call: str) -> Iterator[str]:
    if step.has_result:
        yield f"    val result = Json.write({call})"
    else:
        yield f'    {call}\n    val result = "null"'
    for name, where in step.keep.items():
        yield f"    h.keep({quoted(name)}, result, {quoted(where)})"
    for where, wanted in step.expect.items():
        yield f"    h.expect({quoted(where)}, result, {quoted(wanted)})"
    yield f"    h.done({quoted(step.operation)}, result)"


def _refused(step: Step, call: str) -> Iterator[str]:
    assert step.refused
    status, code = step.refused
    kind = "ApiException" if status else "NetworkException"
    expected = f"e.status == {status}" if status else "e.isTimeout"
    if code:
        expected += f" && e.code == Code.{identifier(code)} && e.body.isNotEmpty()"
    yield "    try {"
    yield f"        {call}"
    yield f"        h.refused({quoted(step.operation)}, false)"
    yield f"    }} catch (e: {kind}) {{"
    yield f"        h.refused({quoted(step.operation)}, {expected})"
    yield "    }"


def _arguments(step: Step) -> Iterator[str]:
    for value in step.path:
        yield f"h.text({quoted(value)})"
    if step.body is not None:
        nulls = ", ".join(map(quoted, step.nulls))
        change = f".copy(nulls = setOf({nulls}))" if nulls else ""
        yield f"Json.read<{step.body_type or 'Any?'}>(h.body({quoted(step.body)})){change}"
    for each in step.query:
        yield f"{camel(each.name)} = {_value(each)}"


def _value(argument: Argument) -> str:
    if argument.kind == "map":
        members = (f"{quoted(name)} to {quoted(value)}" for name, value in argument.value.items())
        return f"mapOf({', '.join(members)})"
    if isinstance(argument.value, bool):
        return quoted(argument.value)
    text = f"h.text({quoted(str(argument.value))})"
    if argument.kind.startswith("int"):
        return f"{text}.to{'Int' if argument.kind == 'int32' else 'Long'}()"
    return text if argument.kind == "text" else f"{argument.kind}({text})"


def _compile(build: Build) -> None:
    """Compile a package by Maven, which brings libraries and compiler; then all of them at once."""
    run(["mvn", "-q", "-B", "compile", _COPY, "-DoutputDirectory=lib"], build.work, **_MAVEN)
    _classes(build).mkdir(exist_ok=True)
    sources = (build.made, build.work)
    _kotlinc(build, *(file for folder in sources for file in folder.rglob("*.kt")))


def _kotlinc(build: Build, *sources: Path) -> None:
    libraries = map(str, [_classes(build), *_libraries(build).glob("*.jar")])
    strict = ["-Werror", "-jvm-target", "17", "-no-stdlib", "-no-reflect"]
    path = ["-cp", os.pathsep.join(libraries), "-d", str(_classes(build))]
    compiler = ["java", _QUICK, "-cp", str(build.work / "lib" / "*"), _COMPILER]
    run([*compiler, *strict, *path, *sources], build.work)


def _java(build: Build) -> list[str]:
    path = os.pathsep.join([str(_classes(build)), str(_libraries(build) / "*")])
    return ["java", _QUICK, "-cp", path]


def _libraries(build: Build) -> Path:
    return build.client("event_store") / "lib"


def _classes(build: Build) -> Path:
    return build.work / "classes"


def _first_call(build: Build, _: str, program: str) -> str:
    file = build.work / "FirstCall.kt"
    file.write_text(program, encoding="utf-8")
    _kotlinc(build, file)
    return run([*_java(build), "FirstCallKt"], build.work)


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    return f"src/samples/{api}/{operation}.kt", f"package samples.{api}.{operation}\n\n{program}"


_BRACED = BracedDeclarations(
    r"(data class|sealed class|class|object|typealias) ",
    r" {4}(suspend fun|fun|inline fun|val)\b| {8}(const )?val \w+: ",
)


def _declarations(text: str) -> Iterator[str]:
    """Yield the declarations, with the members of an object in lines of their own."""
    text = re.sub(r"@[\w:]+(\(.*?\))?\s*", "", text)
    for line in _BRACED(text):
        head, *members = line.split(" val ") if line.startswith("data class") else [line]
        yield head.rstrip("( :")
        yield from (f"    val {member.removesuffix(', )')}" for member in members)


LANGUAGE = Language(
    "kotlin",
    ("java", "mvn"),
    program,
    _compile,
    lambda build: [*_java(build), "HarnessKt"],
    _first_call,
    _sample,
    ".kt",
    _declarations,
    index=index,
    published=("com.acme:events", "pom.xml", "<groupId>com.acme</groupId>"),
    behaviour=(
        *("page 1 345", "page 2 345", "circle 2", "page 3"),
        "ended true",
        "typed Service indisponible.",
        "typed true",
        "equal true",
    ),
)
