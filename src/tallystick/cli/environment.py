"""Settings in words: where a wrong one was given, and which one was meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import ValidationError

PREFIX = "TALLYSTICK_"

_OTHERS = ("CHARON_KEY", "URL")
"""Variables of single commands, which are no settings of the service."""

_OF_COMMANDS = re.compile(r"(?:CHARON_KEY|URL|STOCK)|(?:KNOWN|CONTRACT)_.+")
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
    if error["type"] == "extra_forbidden":
        return _no_setting(name.removeprefix(PREFIX.lower()).upper(), _known_names())
    place = _option(name) if name in options else f"{PREFIX}{name.upper()}"
    return f"{place}: {error['msg']}"


def _option(name: str) -> str:
    return _OPTIONS.get(name, f"--{name.replace('_', '-')}")


def explain_file(error: OSError | UnicodeDecodeError) -> str:
    """Return why the file of settings can't be read."""
    from tallystick.settings import FILE

    return f"can't read {FILE}: {getattr(error, 'strerror', None) or 'it is not UTF-8'}"


def find_misspelt(environment: Mapping[str, str], fields: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each variable that looks like a setting and is none."""
    known = {name.upper() for name in fields}
    for variable in sorted(environment):
        name = variable.removeprefix(PREFIX)
        if name == variable or name in known:
            continue
        if not _OF_COMMANDS.fullmatch(name) and not _OF_KUBERNETES.fullmatch(name):
            yield _no_setting(name, known)


def _known_names() -> set[str]:
    from tallystick.settings import Settings

    return {name.upper() for name in Settings.model_fields}


def _no_setting(name: str, known: Collection[str]) -> str:
    nearest = get_close_matches(name, [*known, *_OTHERS], 1, _SIMILAR)
    hint = f"; did you mean {PREFIX}{nearest[0]}?" if nearest else ""
    return f"{PREFIX}{name} is no setting{hint}"
