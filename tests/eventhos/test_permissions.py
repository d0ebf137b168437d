"""What a role allows."""

from __future__ import annotations

import pytest

from tallystick.apis.eventhos.permissions import permits


@pytest.mark.parametrize(
    ("held", "scopes", "expected"),
    [
        (["OAUTH2_global:*"], ["system:create"], True),
        (["system:*"], ["system:create"], True),
        (["system:create"], ["definitions:write", "system:create"], True),
        (["system:select"], ["system:create"], False),
        (["event:*"], ["system:create"], False),
        (["systems:*"], ["system:create"], False),
        ([], ["system:create"], False),
        ([], [], True),
    ],
)
def test_a_permission_is_for_its_resource_or_for_all(
    held: list[str], scopes: list[str], expected: bool
) -> None:
    assert permits(held, scopes) is expected
