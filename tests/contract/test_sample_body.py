"""A body is written in the media type that can be written best."""

from __future__ import annotations

import pytest

from tallystick.contract.multipart_body import read_parts
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


def test_a_file_of_a_form_has_a_name_that_programs_know_it_by() -> None:
    schema = {"properties": {"title": {"type": "string"}, "scan": {"format": "binary"}}}
    media = {"schema": schema, "encoding": {"photo": {"contentType": "image/png"}}}
    form = {"title": "Cat", "scan": "x", "photo": "y", "size": {"width": 1}}
    content = {"multipart/form-data": media}
    written = write_body(content, lambda _: form, lambda _, name: name == "scan").content
    parts = read_parts(written, "multipart/form-data; boundary=sample-boundary")
    assert {each.name: (each.file_name, each.media_type) for each in parts} == {
        "title": (None, ""),
        "scan": ("scan", "application/octet-stream"),
        "photo": ("photo", "image/png"),
        "size": (None, "application/json"),
    }
