"""Settings in words: where a wrong one was given, and which one was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dotenv.parser import Original
    from pydantic import ValidationError

PREFIX = "TALLYSTICK_"

_OF_COMMANDS = ("CHARON_KEY", "INGEST_FROM", "URL")
"""Variables of single commands, which are no settings of the service."""

_OF_VERIFY = re.compile(r"(?:KNOWN|CONTRACT)_.+")
# A service named `tallystick` has these in each pod of Kubernetes.
_OF_KUBERNETES = re.compile(r"(?:.*_)?(?:SERVICE_(?:HOST|PORT)(?:_.+)?|PORT_[0-9]+_.+)")
_SIMILAR = 0.75
_OPTIONS = {
    "apis": "--with",
    "contract_keys": "--key",
    "contracts": "--contract",
    "cors_origins": "--cors-origin",
}


def explain_settings(error: ValidationError, options: Collection[str] = ()) -> list[str]:
    """Return a line for each invalid setting; `options` were given on the command line."""
    return [_explain(each, options) for each in error.errors()]


def _explain(error: Mapping[str, Any], options: Collection[str]) -> str:
    # A rule of several settings has words of its own, which pydantic only introduces.
    if not error["loc"]:
        return str(error["msg"]).removeprefix("Value error, ")
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        return _no_setting(name.upper())
    place = _option(name) if name in options else f"{PREFIX}{name.upper()}"
    within = "".join(f" {part}" for part in error["loc"][1:] if isinstance(part, str))
    return f"{place}{within}: {error['msg'].removeprefix('Value error, ')}"


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")


class UnreadableLine(ValueError):
    """A line of the file of settings is no ``NAME=VALUE``."""


def check_file() -> None:
    """Return if each line of the file of settings can be read; raise `UnreadableLine`.

    Its reader would leave such a line out.
    """
    from dotenv.parser import parse_stream

    from tallystick.settings import FILE

    if not Path(FILE).is_file():
        return
    with Path(FILE).open(encoding="utf-8") as file:
        for line in parse_stream(file):
            if line.error or (line.key is not None and line.value is None):
                raise UnreadableLine(f"line {_number(line.original)} is no NAME=VALUE")


def _number(read: Original) -> int:
    # What was read begins with the empty lines before it.
    text = read.string
    return read.line + text[: len(text) - len(text.lstrip())].count("\n")


def explain_file(error: OSError | ValueError) -> str:
    """Return why the file of settings can't be read."""
    from tallystick.settings import FILE

    if isinstance(error, UnicodeDecodeError):
        return f"can't read {FILE}: it is not UTF-8"
    return f"can't read {FILE}: {getattr(error, 'strerror', None) or error}"


def find_misspelt(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each variable that looks like a setting and is none."""
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX)
        is_ours = name != variable and not _OF_KUBERNETES.fullmatch(name)
        if is_ours and not _OF_VERIFY.fullmatch(name) and not _is_known(name):
            yield _no_setting(variable)


def _is_known(name: str) -> bool:
    from tallystick.settings import Settings

    # Most are the service's; only for others the mock's are looked at.
    return name.lower() in Settings.model_fields or name in _known_names()


def _known_names() -> set[str]:
    # The mock has every setting of the service, and its own.
    from tallystick.mock.settings import MockSettings

    return {*(name.upper() for name in MockSettings.model_fields), *_OF_COMMANDS}


def _no_setting(variable: str) -> str:
    name, known = variable.removeprefix(PREFIX), _known_names()
    if name in known:
        return f"{variable} is no setting of the service: set it in the environment"
    nearest = get_close_matches(name, known, 1, _SIMILAR)
    hint = f"; did you mean {PREFIX}{nearest[0]}?" if nearest else ""
    return f"{variable} is no setting{hint}"
