"""The clients in Go: their scenarios, build and declarations."""

from __future__ import annotations

from collections.abc import Iterator

from client_programs.declarations import BracedDeclarations
from client_programs.language import Build, BuildFailed, Language, run
from client_programs.names import identifier, pascal, quoted
from client_programs.scenario import Argument, Scenario, Step
from tallystick.clients import list_apis
from tallystick.clients.languages import read_configuration
from tallystick.clients.member_names import write_name


def program(scenario: Scenario) -> tuple[str, str]:
    """Return the name and content of the file with an API's scenario."""
    return f"scenario_{scenario.api}.go", "\n".join(_lines(scenario)) + "\n"


def index(apis: list[str]) -> tuple[str, str]:
    """Return the name and content of the index of scenarios."""
    members = "".join(f"\t{quoted(api)}: run{pascal(api)},\n" for api in apis)
    return (
        "scenarios.go",
        f"package main\n\nvar scenarios = map[string]func(*harness){{\n{members}}}\n",
    )


def _lines(scenario: Scenario) -> Iterator[str]:
    package = scenario.api.replace("_", "")
    is_away = any(step.is_away for step in scenario.steps)
    imports = '"context"\n\t"errors"\n\t"time"' if is_away else '"errors"'
    yield f'package main\n\nimport (\n\t{imports}\n\n\t"tallystick/{package}"\n)\n'
    yield f"func run{pascal(scenario.api)}(h *harness) {{"
    for step in scenario.steps:
        credential = f"h.text({quoted(scenario.clients[step.client])})"
        server = 'h.text("${away}")' if step.is_away else "h.server"
        late = f", {package}.WithTimeout(time.Second)" if step.is_away else ""
        client = f"{package}.New({credential}, {package}.WithServer({server}){late})"
        arguments = ", ".join(["h.ctx", *_arguments(step, package)])
        call = f"{client}.{pascal(step.operation)}({arguments})"
        if step.pages:
            call = f"all({client}.{pascal(step.operation)}All({arguments}))"
        result = "result, " if step.has_result else ""
        yield "\t{"
        if step.refused:
            status, code = step.refused
            ignored = "_, " if step.has_result else ""
            yield f"\t\t{ignored}err := {call}"
            yield f"\t\tvar e *{package}.APIError"
            expected = f"errors.As(err, &e) && e.Status == {status}"
            if code:
                expected += f" && e.Code == {package}.Code{identifier(code)} && len(e.Body) > 0"
            elif not status:
                expected = "errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &e)"
            yield f"\t\th.refused({quoted(step.operation)}, {expected})"
        else:
            yield f"\t\t{result}err := {call}"
            yield "\t\th.check(err)"
            yield "\t\th.result(result)" if result else "\t\th.result(nil)"
            for name, where in step.keep.items():
                yield f"\t\th.keep({quoted(name)}, {quoted(where)})"
            for where, wanted in step.expect.items():
                yield f"\t\th.expect({quoted(where)}, {quoted(wanted)})"
            yield f"\t\th.done({quoted(step.operation)})"
        yield "\t}"
    yield "}"


def _arguments(step: Step, package: str) -> Iterator[str]:
    for value in step.path:
        yield f"h.text({quoted(value)})"
    if step.body is not None:
        of = f"{package}.{step.body_type}" if step.body_type else "any"
        body = f"body[{of}](h, {quoted(step.body)})"
        nulls = ", ".join(map(quoted, step.nulls))
        change = f"b := {body}; b.Null = []string{{{nulls}}}; return b"
        yield f"func() {of} {{ {change} }}()" if nulls else body
    if step.takes_query:
        rules = read_configuration("go")["memberNames"]
        names = [write_name(each.name, rules) for each in step.query]
        values = (_value(each, package) for each in step.query)
        members = (f"{name}: {value}" for name, value in zip(names, values, strict=True))
        yield f"{package}.{pascal(step.operation)}Query{{{', '.join(members)}}}"


def _value(argument: Argument, package: str) -> str:
    if argument.kind == "map":
        members = (f"{quoted(name)}: {quoted(value)}" for name, value in argument.value.items())
        return f"map[string]string{{{', '.join(members)}}}"
    if argument.kind == "text":
        value = f"h.text({quoted(argument.value)})"
    elif isinstance(argument.value, bool):
        value = quoted(argument.value)
    elif argument.kind.startswith("int"):
        text = f"h.text({quoted(str(argument.value))})"
        value = f"{argument.kind}(number({text}))"
    else:
        value = f"{package}.{argument.kind}({quoted(argument.value)})"
    return value if argument.required else f"{package}.Ptr({value})"


def _compile(build: Build) -> None:
    module = "module scenario\n\ngo 1.19\n"
    for package in build.packages():
        run(["go", "vet", "./..."], package)
        if unformatted := run(["gofmt", "-l", "."], package):
            raise BuildFailed(f"gofmt would change {unformatted}")
    for api in list_apis():
        name = f"tallystick/{api.replace('_', '')}"
        module += f"\nrequire {name} v0.0.0\n\nreplace {name} => {build.client(api)}\n"
    (build.work / "go.mod").write_text(module, encoding="utf-8")
    run(["go", "vet", "./..."], build.work)
    if unformatted := run(["gofmt", "-l", "samples"], build.work):
        raise BuildFailed(f"gofmt would change {unformatted}")
    run(["go", "build", "-o", "scenario", "."], build.work)


def _first_call(build: Build, api: str, program: str) -> str:
    folder = build.work / f"first_{api}"
    folder.mkdir(exist_ok=True)
    (folder / "main.go").write_text(program, encoding="utf-8")
    if unformatted := run(["gofmt", "-l", folder], build.work):
        raise BuildFailed(f"gofmt would change {unformatted}")
    return run(["go", "run", f"./first_{api}"], build.work)


def _sample(api: str, operation: str, program: str) -> tuple[str, str]:
    text = program.replace("package main\n", "package samples\n")
    text = text.replace("func main() {", f"func {api}{pascal(operation)}() {{")
    return f"samples/{api}_{operation}_.go", text


LANGUAGE = Language(
    "go",
    ("go",),
    program,
    _compile,
    lambda _: ["./scenario"],
    _first_call,
    _sample,
    ".go",
    BracedDeclarations(
        r"func (\([^)]*\) )?[A-Z]|type [A-Z]|const \($",
        r"\t[A-Z]\w* +(= \".*\"|[^:({`=]*(= )?[^:({`=]*(`.*)?)$",
    ),
    index=index,
    published=("example.com/acme/events", "go.mod", "module example.com/acme/events\n"),
    behaviour=(
        *("page 1 345", "page 2 345", "circle true 2", "page 3"),
        "ended true",
        "typed <nil> Service indisponible.",
        "typed true",
        "lacking true /slug",
    ),
    forms=frozenset({"member"}),
)
