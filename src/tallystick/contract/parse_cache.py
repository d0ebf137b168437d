"""Keeps parsed documents beside Python's own compiled modules.

Parsing the contract's YAML takes a tenth of a second at every start.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(sys.pycache_prefix or Path(__file__).parent / "__pycache__")


def parsed(name: str, text: bytes, parse: Callable[[bytes, str], dict[str, Any]]) -> dict[str, Any]:
    """Return ``parse(text, name)``, from an earlier start if it had the same text."""
    kept = kept_file(name, digest_of(text))
    with suppress(OSError, ValueError, EOFError, TypeError):  # it isn't there, or is cut off
        content: dict[str, Any] = marshal.loads(kept.read_bytes())
        return content
    content = _with_shared_strings(parse(text, name))
    keep(kept, name, marshal.dumps(content))
    return content


@lru_cache(maxsize=16)
def digest_of(text: bytes) -> str:
    """Return the SHA-256 of a document, which a start asks for twice."""
    return sha256(text).hexdigest()


def _with_shared_strings(node: Any) -> Any:
    """Return a part of a document with one string for all equal ones, a third of its memory less.

    The parser makes each anew, and what is kept brings them back as they were.
    """
    if isinstance(node, dict):
        return {_with_shared_strings(k): _with_shared_strings(v) for k, v in node.items()}
    if isinstance(node, list):
        return [_with_shared_strings(item) for item in node]
    return sys.intern(node) if type(node) is str else node


def kept_file(name: str, digest: str) -> Path:
    """Return where something of this name and content is kept."""
    return FOLDER / f"{name}.{digest}.{sys.implementation.cache_tag}"


def keep(path: Path, name: str, content: bytes) -> None:
    """Write a file from `kept_file` in place of earlier ones of its name, where Python may."""
    if sys.dont_write_bytecode:
        return
    draft = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # nobody may write here: then it is parsed at every start
        FOLDER.mkdir(parents=True, exist_ok=True)
        earlier = list(FOLDER.glob(f"{name}.*"))
        draft.write_bytes(content)
        # Replaced at once: a process that starts meanwhile must not read half a file.
        draft.replace(path)
        for other in earlier:
            other.unlink(missing_ok=True)
