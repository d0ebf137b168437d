"""Names and texts of a contract of one's own, fit for a program in any language."""

from __future__ import annotations

import re

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_WRITABLE = re.compile(r"[^\s\"'`\\{}\x00-\x1f\x7f]+")
_LIST_MARK = re.compile(r"^[\s#>*+-]+")


def camel_case(text: str) -> str:
    """Return a text as a name such as `listCustomers`."""
    name = pascal_case(text)
    head = re.match(r"[A-Z]+(?![a-z])|[A-Z]", name)
    return head[0].lower() + name[head.end() :] if head else name


def pascal_case(text: str) -> str:
    """Return a text as a name such as `NewCustomer`, with an `N` before a leading digit."""
    words = _WORDS.findall(text)
    name = "".join(word[0].upper() + word[1:] for word in words) or "Unnamed"
    return f"N{name}" if name[0].isdigit() else name


def split_words(name: str) -> list[str]:
    """Return the words of a name in any spelling."""
    return _WORDS.findall(name)


def fold_name(name: str) -> str:
    """Return what is left of a name in a language that writes it its own way."""
    return "".join(split_words(name)).lower()


def is_writable(name: str) -> bool:
    """Return whether a name can stand in quotes in every language."""
    return name.isprintable() and bool(_WRITABLE.fullmatch(name))


def to_comment(text: object, instead: str) -> str:
    """Return a text unable to end a comment or docstring; of nothing, the text `instead`."""
    # Go takes no mark of byte order, and Rust none that turns the direction of a text.
    words = " ".join(text.split()) if isinstance(text, str) else ""
    shown = "".join(filter(str.isprintable, words))
    # A backslash is an escape even in comments of Java and docstrings of Python, and a comment of
    # Kotlin may have others inside.
    safe = shown.replace("\\", "⧵").replace("*/", "* /").replace("/*", "/ *")
    # gofmt writes two such marks as another one.
    safe = re.sub("`+", "`", safe.replace('""', "“”").replace('"', "'").replace("''", "‘’"))
    return _LIST_MARK.sub("", safe) or instead


def to_sentence(name: str) -> str:
    """Return a name as words: `listCustomers` is `List customers`."""
    words = " ".join(word if word.isupper() else word.lower() for word in _WORDS.findall(name))
    return words[:1].upper() + words[1:]
