"""Any text fits in a path: what needs no encoding stays as it is."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tallystick.apis.generic.paths import path_text, step_text


@pytest.mark.parametrize(
    "text", ["", "a-Z_0.9~", "a/b", "a b", "é", "\0", "\ud800", "%41", "a\n", "٣"]
)
def test_a_text_is_encoded_as_python_encodes_it(text: str) -> None:
    assert step_text(text) == quote(text, safe="", errors="surrogatepass")
    assert path_text(text) == quote(text, safe="/:@!$&'()*+,;=~", errors="surrogatepass")


def test_a_number_is_its_digits() -> None:
    assert step_text(7) == "7"
