"""A body is written in the media type that can be written best."""

from __future__ import annotations

import pytest

from tallystick.contract.sample_body import write_body


@pytest.mark.parametrize(
    ("media_types", "chosen"),
    [
        (("text/plain", "application/json"), "application/json"),
        (("application/json-patch+json", "application/a+json"), "application/a+json"),
        (("text/plain", "application/json-patch+json"), "application/json-patch+json"),
        (("application/xml", "text/plain"), "text/plain"),
        (("image/*",), "image/png"),
    ],
)
def test_a_value_goes_before_a_patch_and_a_patch_before_a_text(
    media_types: tuple[str, ...], chosen: str
) -> None:
    content: dict[str, dict[str, str]] = {media_type: {} for media_type in media_types}
    assert write_body(content, lambda _: {}).media_type == chosen
