"""A value is the same in any of its forms, and another one in none."""

from __future__ import annotations

import pytest
from tallystick.contract_tests.equal_forms import with_equal_forms
from tallystick.contract_tests.matching import differences

NOON = "2026-01-31T12:00:00Z"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (NOON, "2026-01-31T12:00:00+00:00"),
        (NOON, "2026-01-31T13:00:00.000+01:00"),
        ("2026-01-31T12:00:00.5Z", NOON),
        ("Ada@Example.com", "ada@example.com"),
        ("https://Example.com", "https://example.com/"),
        ("AAAAAAAA-0000-4000-8000-000000000000", "aaaaaaaa-0000-4000-8000-000000000000"),
        (3, 3.0),
        (0.1, 0.10000000149011612),
        ({"at": [NOON]}, {"at": ["2026-01-31T12:00:00+00:00"], "more": 1}),
    ],
)
def test_another_form_is_the_same(sent: object, shown: object) -> None:
    assert list(differences(with_equal_forms(sent), shown, exact=False)) == []


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (NOON, "2026-01-31T12:00:00+01:00"),
        (NOON, "2026-01-31T12:00:00"),
        (NOON, "2026-01-31T12:00:02Z"),
        (NOON, "2026-01-31T25:00:00Z"),
        (NOON, None),
        ("12.50", "12.5"),
        ("Ada", "ada"),
        (3, True),
        (2**53 - 1, float(2**53)),
        (0.25, 0.3),
        (True, 1),
    ],
)
def test_another_value_is_not(sent: object, shown: object) -> None:
    assert list(differences(with_equal_forms(sent), shown, exact=False)) != []
