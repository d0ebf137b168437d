"""The public interface of each language's clients, as a list: `clients/<language>/api.txt`.

It is read from the clients' source: one line for each public declaration in the templates' style,
under the name of the API and of the file.
"""

from __future__ import annotations

import ast
import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tallystick.clients import (
    ClientPackage,
    generate_packages,
    list_apis,
    list_languages,
    read_document,
)

CLIENTS = Path(__file__).parents[2] / "clients"
CHANGELOG = CLIENTS / "CHANGELOG.md"
_DIGITS = 12


def api_file(language: str) -> Path:
    """Return the path of a language's list."""
    return CLIENTS / language / "api.txt"


def digest(text: str) -> str:
    """Return the digest that names a list in the changelog."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def signatures(language: str, made: Path) -> str:
    """Return the list of a language, from the folder with its clients."""
    suffix, declarations = _LANGUAGES[language]
    lines = []
    for api in list_apis():
        for file in sorted((made / api).rglob(f"*{suffix}")):
            if "dist" in file.relative_to(made).parts:
                continue  # what a compiler has made of it
            found = list(declarations(file.read_text(encoding="utf-8")))
            if found:
                lines += [f"{api}: {file.stem}", *(f"    {line}" for line in found), ""]
    return "\n".join(lines)


def _python(text: str) -> Iterator[str]:
    for node in ast.parse(text).body:
        yield from _python_node(node, "")


def _python_node(node: ast.stmt, indent: str) -> Iterator[str]:
    if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
        yield f"class {node.name}({', '.join(map(ast.unparse, node.bases))})"
        for member in node.body:
            yield from _python_node(member, "    ")
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (
        node.name == "__init__" or node.name[0] != "_"
    ):
        word = "def" if isinstance(node, ast.FunctionDef) else "async def"
        returns = ast.unparse(node.returns) if node.returns else "None"
        yield f"{indent}{word} {node.name}({ast.unparse(node.args)}) -> {returns}"
    elif isinstance(node, ast.AnnAssign):
        default = " = …" if node.value else ""
        yield f"{indent}{ast.unparse(node.target)}: {ast.unparse(node.annotation)}{default}"
    elif isinstance(node, ast.Assign) and not ast.unparse(node.targets[0]).startswith("_"):
        yield f"{indent}{ast.unparse(node)}"


@dataclass(frozen=True)
class _Braces:
    """A language with declarations in lines, and members in braces below them."""

    outer: str
    """A pattern of public declarations."""
    member: str
    """A pattern of public members."""

    def __call__(self, text: str) -> Iterator[str]:
        is_open = False
        for line in _folded(text):
            if line[:1].strip() and line != "{":
                is_open = re.match(self.outer, line) is not None
            if is_open and (
                (line[:1].strip() and line[0] not in "){}") or re.match(self.member, line)
            ):
                indent = "" if line[:1].strip() else "    "
                yield indent + re.sub(r"\s+", " ", line.strip()).rstrip(" {,;")


def _folded(text: str) -> Iterator[str]:
    """Yield the lines of a text without comments, each up to its closing parenthesis."""
    text = re.sub(r"^\s*(//[^\n]*|/\*\*(?s:.*?)\*/)\n", "", text, flags=re.MULTILINE)
    pending = ""
    for line in text.splitlines():
        pending = f"{pending} {line.strip()}" if pending else line
        if pending.count("(") <= pending.count(")") or pending.startswith(("const (", "import (")):
            yield pending
            pending = ""


_LANGUAGES: dict[str, tuple[str, Callable[[str], Iterator[str]]]] = {
    "go": (
        ".go",
        _Braces(
            r"func (\([^)]*\) )?[A-Z]|type [A-Z]|const \($",
            r"\t[A-Z]\w* +(= \".*\"|[^:({`=]*(= )?[^:({`=]*(`.*)?)$",
        ),
    ),
    "java": (".java", _Braces(r"public ", r" {4}( {4})?public ")),
    "php": (".php", _Braces(r"(final|abstract) class ", r" {4}public ")),
    "python": (".py", _python),
    "rust": (
        ".rs",
        _Braces(
            r"pub (?!\(crate\))|impl [A-Z]\w* \{|open_enum! \{",
            r"    pub |    \w+ \{$|        \w+ = \".*\",$|    [A-Z]\w+\([\w:<>]+\),",
        ),
    ),
    "typescript": (
        ".ts",
        _Braces(r"export ", r"  (async \w+\(|constructor\(|get |(readonly )?\w+\??: |\[name)"),
    ),
}


def main() -> None:
    """Write every list anew, and print the changelog's line for each changed one."""
    with tempfile.TemporaryDirectory() as name:
        made = Path(name)
        generate_packages(
            [
                ClientPackage(lang, read_document(api), made / lang / api)
                for lang in list_languages()
                for api in list_apis()
            ]
        )
        log = CHANGELOG.read_text(encoding="utf-8")
        for language in list_languages():
            text = signatures(language, made / language)
            api_file(language).write_text(text, encoding="utf-8")
            if digest(text) not in log:
                print(f"{CHANGELOG.name} must tell what changed: {language} {digest(text)}")


if __name__ == "__main__":
    main()
