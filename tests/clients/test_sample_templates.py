"""The functions of the templates write values as each language's users do."""

from __future__ import annotations

import pytest

from client_programs.builds import LANGUAGES
from tallystick.clients.sample_templates import optional_form, read_template
from tallystick.clients.sample_values import SampleType

NAMES = {"apiClass": "Shop", "apiWord": "shop", "packageName": "shop_client", "package": "shop"}
ANY = SampleType("any")
LONG = "x" * 50


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("go", '"it\'s \\"$x\\""'),
        ("java", '"it\'s \\"$x\\""'),
        ("kotlin", '"it\'s \\"\\$x\\""'),
        ("php", "'it\\'s \"$x\"'"),
        ("python", '"it\'s \\"$x\\""'),
        ("rust", '"it\'s \\"$x\\"".into()'),
        ("typescript", '"it\'s \\"$x\\""'),
    ],
)
def test_a_text_is_quoted(language: str, text: str) -> None:
    assert read_template(language, NAMES).text('it\'s "$x"') == text


def test_brackets_stand_in_one_line_if_they_fit_and_else_in_several() -> None:
    forms = read_template("python", NAMES)

    assert forms.list(ANY, ["1", "2"]) == "[1, 2]"
    assert forms.list(ANY, [LONG, LONG]) == f"[\n    {LONG},\n    {LONG},\n]"
    assert forms.list(ANY, []) == "[]"


def test_the_pairs_of_go_have_their_values_in_a_column_as_gofmt_has_them() -> None:
    pairs = [('"a"', f'"{LONG}"'), ('"long"', "1"), ('"b"', "f(\n\t1,\n)"), ('"c"', "2")]

    written = read_template("go", NAMES).map(ANY, pairs)

    assert written == (
        f'map[string]any{{\n\t"a":    "{LONG}",\n\t"long": 1,\n'
        '\t"b": f(\n\t\t1,\n\t),\n\t"c": 2,\n}'
    )


def test_a_map_of_typescript_has_quotes_where_a_name_needs_them() -> None:
    written = read_template("typescript", NAMES).map(ANY, [('"a"', "1"), ('"b.c"', "2")])

    assert written == '{ a: 1, "b.c": 2 }'


def test_go_writes_a_moment_in_utc() -> None:
    written = read_template("go", NAMES).moment("2026-01-17T13:07:48.5+01:00")

    assert written == "time.Date(2026, 1, 17, 12, 7, 48, 500000000, time.UTC)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_languages_have_forms_of_their_own(language: str) -> None:
    forms = read_template(language, NAMES)

    own = {name for name in ("any", "alias", "member") if optional_form(forms, name)}

    assert own == LANGUAGES[language].forms
