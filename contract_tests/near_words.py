"""Words close to those of an enumeration, which a server must refuse all the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

_WORDS = (
    "low medium high minor major critical severe trivial blocker urgent normal none unknown other "
    "emergency alert notice info warning warn error err debug trace verbose fatal crit "
    "ok ko yes no on off up down true null success succeeded failed failure partial degraded "
    "pending running active inactive open closed paused stopped started blocked waiting queued "
    "done finished complete completed cancelled canceled deleted archived draft lost expired "
    "rejected accepted approved enabled disabled timeout skipped ignored resolved acknowledged "
    "sent received returned read in_progress new old all any default custom test invalid "
    "create update delete list get put post patch query process add remove "
    "person company user admin guest public private internal frontend backend producer consumer "
    "aws azure azu gcp gce ibm ali oci ovh ora sap scw het cloud amazon google oracle oth"
).split()
"""Words that a server may take beside those of an enumeration."""


def list_near_words(known: Sequence[Any], _: Any, chance: random.Random) -> list[Any]:
    """Return texts close to those of an enumeration, and words that it may have forgotten."""
    texts = [each for each in known if isinstance(each, str)]
    near = [form for text in texts for form in (text.lower(), text.upper(), text.swapcase())]
    near += [form for text in texts for form in (f"{text} ", f" {text}", text[:-1], f"{text}X")]
    styles = (style for style in (str.upper, str.title) if texts and style(texts[0]) == texts[0])
    near += map(next(styles, str.lower), _WORDS)
    near += ["".join(chance.sample(text, len(text))) for text in texts]
    return [each for each in dict.fromkeys(near) if each and each not in known]
