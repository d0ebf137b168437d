"""Documents that were parsed before, kept beside Python's own compiled modules.

Reading the contract's YAML takes a tenth of a second of every start.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

FOLDER = Path(sys.pycache_prefix or Path(__file__).parent / "__pycache__")


def parsed(name: str, text: bytes, parse: Callable[[bytes, str], dict[str, Any]]) -> dict[str, Any]:
    """What `parse` makes of the text, or made of the same text before."""
    kept = FOLDER / f"{name}.{sha256(text).hexdigest()}.{sys.implementation.cache_tag}"
    with suppress(OSError, ValueError, EOFError, TypeError):  # it isn't there, or is cut off
        content: dict[str, Any] = marshal.loads(kept.read_bytes())
        return content
    content = parse(text, name)
    if not sys.dont_write_bytecode:
        _save(kept, name, marshal.dumps(content))
    return content


def _save(path: Path, name: str, content: bytes) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # nobody may write here: then it is parsed at every start
        FOLDER.mkdir(parents=True, exist_ok=True)
        earlier = list(FOLDER.glob(f"{name}.*"))
        draft.write_bytes(content)
        draft.replace(path)
        for other in earlier:
            other.unlink(missing_ok=True)
