"""Source of Java as its users write it: without idle imports, and with comments for Javadoc."""

from __future__ import annotations

import re
from html import escape

_IMPORT = re.compile(r"^import [\w.]+\.(\w+);\n", re.MULTILINE)
_COMMENT = re.compile(r"^ *(?:/\*\*|\*) .*$", re.MULTILINE)
_MARKED = re.compile(r"`([^`]+)`")


def tidy_java(text: str) -> str:
    """Return a generated file without imports of unused names; its comments are for Javadoc."""
    used = frozenset(re.findall(r"\w+", _IMPORT.sub("", text)))
    kept = _IMPORT.sub(lambda found: found[0] if found[1] in used else "", text)
    kept = kept.replace("\n\n\n", "\n\n")
    return _COMMENT.sub(lambda found: _javadoc(found[0]), kept)


def _javadoc(line: str) -> str:
    """Return a line of a comment with its code as such, and no other mark of HTML than ours."""
    start, end = re.match(r"(.*?(?:\* |\*\* ))(?:<p>)?", line), ""
    if start is None:
        return line
    if line.endswith(" */"):
        line, end = line[: -len(" */")], " */"
    pieces = _MARKED.split(line[start.end() :])
    written = [_code(each) if n % 2 else _plain(each) for n, each in enumerate(pieces)]
    return start[0] + "".join(written) + end


def _code(text: str) -> str:
    # A brace without the other one would end the tag elsewhere.
    is_balanced = text.count("{") == text.count("}")
    return f"{{@code {text}}}" if is_balanced else f"<code>{_plain(text)}</code>"


def _plain(text: str) -> str:
    return escape(text, quote=False)
