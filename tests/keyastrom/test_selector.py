from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tallystick.apis.keyastrom import selector as s
from tallystick.apis.keyastrom.selector import MAX_DEPTH, Selector, parse_selector
from tallystick.apis.keyastrom.selector_parser import SelectorError


def criterion(text: str) -> s.Criterion:
    """The criterion beside the type."""
    type_, other = parse_selector(f"type(HOST),{text}").criteria
    assert type_ == s.EntityType("HOST")
    return other


def test_the_page_s_first_example_is_read() -> None:
    text = (
        "type(HOST),fromRelationship.isInstanceOf(type(HOST_GROUP),entityName(cloud-burst-hosts))"
    )
    groups = Selector(
        (s.EntityType("HOST_GROUP"), s.EntityName(s.MatchOperator.CONTAINS, ("cloud-burst-hosts",)))
    )
    assert parse_selector(text).criteria == (
        s.EntityType("HOST"),
        s.Relationship(s.End.FROM, "isinstanceof", groups),
    )


def test_the_page_s_second_example_is_read() -> None:
    assert parse_selector("type(SERVICE),entityName.equals(BookingService)").criteria == (
        s.EntityType("SERVICE"),
        s.EntityName(s.MatchOperator.EQUALS, ("BookingService",)),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("entityName(a)", s.EntityName(s.MatchOperator.CONTAINS, ("a",))),
        ("entityName.contains(a)", s.EntityName(s.MatchOperator.CONTAINS, ("a",))),
        ("entityName.startsWith(a)", s.EntityName(s.MatchOperator.STARTS_WITH, ("a",))),
        ("entityName.in(a, b)", s.EntityName(s.MatchOperator.EQUALS, ("a", "b"))),
        (
            "caseSensitive(entityName.equals(A))",
            s.EntityName(s.MatchOperator.EQUALS, ("A",), case_sensitive=True),
        ),
        ("entityId(HOST-1,HOST-2)", s.EntityId(("HOST-1", "HOST-2"))),
        ("mzId(-3,4)", s.ZoneId(("-3", "4"))),
        ("mzName(A zone)", s.ZoneName(("A zone",))),
        ("healthState(HEALTHY)", s.HealthState(("HEALTHY",))),
        ("deletedEntities.include()", s.DeletedEntities(included=True)),
        ("deletedEntities.exclude()", s.DeletedEntities(included=False)),
        ("osType(LINUX)", s.Attribute("ostype", ("LINUX",))),
        ("dt.security_context(x)", s.Attribute("dt.security_context", ("x",))),
        ("osType.exists()", s.AttributeExists("ostype", exists=True)),
        ("osType.exists(false)", s.AttributeExists("ostype", exists=False)),
        ('osType.exists("a key")', s.AttributeExists("ostype", exists=True, keys=("a key",))),
        ("osType.exists(a,b)", s.AttributeExists("ostype", exists=True, keys=("a", "b"))),
        ("typeOfDisk(ssd)", s.Attribute("typeofdisk", ("ssd",))),
        ("not(tag(a))", s.Not(s.Tag((s.TagValue("CONTEXTLESS", "a", ""),)))),
        (
            "toRelationShips.runsOn(type(SERVICE))",
            s.Relationship(s.End.TO, "runson", Selector((s.EntityType("SERVICE"),))),
        ),
    ],
)
def test_every_criterion_is_read(text: str, expected: s.Criterion) -> None:
    assert criterion(text) == expected


@pytest.mark.parametrize("name", ["lt", "lte", "gt", "gte"])
def test_a_first_sight_is_compared_in_four_ways(name: str) -> None:
    found = criterion(f"firstSeenTms.{name}(now-2h)")
    assert isinstance(found, s.FirstSeen)
    assert found.comparison == s.Comparison(name)
    assert found.time.at(7_200_005) == 5


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"a,b)"', "a,b)"),
        ('"~""', '"'),
        ('"~~"', "~"),
        ('""', ""),
        ("two words", "two words"),
        ("  padded  ", "padded"),
        ("Ünïcødé", "Ünïcødé"),
        ("this AND that", "this AND that"),
    ],
)
def test_values_are_bare_or_quoted(written: str, meant: str) -> None:
    assert criterion(f"entityName({written})") == s.EntityName(s.MatchOperator.CONTAINS, (meant,))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("key", ("CONTEXTLESS", "key", "")),
        ("key:value", ("CONTEXTLESS", "key", "value")),
        ("[AWS]key:value", ("AWS", "key", "value")),
        ("[Azure]key:value", ("AZURE", "key", "value")),
        ("[environment]key", ("ENVIRONMENT", "key", "")),
        ("[CloudFoundry]key", ("CLOUD_FOUNDRY", "key", "")),
        ("[google compute engine]key", ("GOOGLE_COMPUTE_ENGINE", "key", "")),
        ("[contextless]key", ("CONTEXTLESS", "key", "")),
        ("[unknown]key", ("CONTEXTLESS", "[unknown]key", "")),
        (r"a\:b:c:d", ("CONTEXTLESS", "a:b", "c:d")),
        ("[odd", ("CONTEXTLESS", "[odd", "")),
    ],
)
def test_tags_have_a_context_a_key_and_a_value(written: str, meant: tuple[str, str, str]) -> None:
    assert criterion(f"tag({written})") == s.Tag((s.TagValue(*meant),))


@pytest.mark.parametrize(
    ("context", "shown"),
    [("AZURE", "[Azure]a:b"), ("CLOUD_FOUNDRY", "[CloudFoundry]a:b"), ("CONTEXTLESS", "a:b")],
)
def test_a_context_is_shown_as_the_vendor_shows_it(context: str, shown: str) -> None:
    assert s.tag_text(context, "a", "b") == shown
    assert s.tag_value(shown) == (context, "a", "b")


@pytest.mark.parametrize("text", ["HOST", "host", "dt.entity.host", "DT.ENTITY.HOST"])
def test_a_type_is_named_in_any_letter_case_and_by_its_dimension(text: str) -> None:
    assert s.type_name(text) == "HOST"


def test_a_type_of_an_extension_has_small_letters() -> None:
    assert s.type_name("cloud:Azure:storage") == "cloud:azure:storage"


def test_criteria_are_joined_by_a_comma_or_by_and() -> None:
    assert parse_selector("type(HOST),tag(a)") == parse_selector("type(HOST) AND tag(a)")


def test_names_of_criteria_have_no_case() -> None:
    assert parse_selector("TYPE(host),ENTITYNAME.STARTSWITH(a)") == parse_selector(
        "type(HOST),entityName.startsWith(a)"
    )


def test_criteria_come_in_any_order() -> None:
    assert set(parse_selector("tag(a),type(HOST)").criteria) == set(
        parse_selector("type(HOST),tag(a)").criteria
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type(HOST),not(type(A))", "Got unexpected token 'type'. {} [16,20)."),
        ("type(HOST),entityName.like(x)", "Got unexpected token 'like'. {} [23,27)."),
        ("type(HOST),tag()", "Got unexpected token ')'. {} [16,17)."),
        ("type(HOST) tag(a)", "Got unexpected token 'tag'. {} [12,15)."),
        ("type(HOST", "Got unexpected end of the selector. {} [10,11)."),
        ("", "Got unexpected end of the selector. {} [1,2)."),
        ("type(HOST);", "Got unexpected token ';'. {} [11,12)."),
        ('type("HOST)', "Got unexpected token '\"'. {} [6,7)."),
        ("type(HOST),tag(\x00)", "Got unexpected character '\\x00'. {} [16,17)."),
        ("type(\ud800)", "Got unexpected character '\\ud800'. {} [6,7)."),
        ("entityName(a)", "Got neither type nor entityId. {} [1,14)."),
        ("not(entityId(HOST-1))", "Got neither type nor entityId. {} [1,22)."),
        ("type(A),type(B)", "Got more than one type. {} [1,16)."),
        ("type(A),toRelationship.x(tag(b))", "Got neither type nor entityId. {} [9,23)."),
        ("type(A),firstSeenTms.lt(soon)", "Got no valid time. {} [25,29)."),
        (
            "entityId(HOST-0123456789ABCDEF,SERVICE-0123456789ABCDEF)",
            "Got entities of more than one type. {} [1,9).",
        ),
    ],
)
def test_an_error_names_the_columns(text: str, message: str) -> None:
    with pytest.raises(SelectorError) as error:
        parse_selector(text)
    expected = message.format("Found near 1-based column range")
    assert str(error.value) == f"Parse error: {expected}"


@pytest.mark.parametrize("opening", ["not(", "toRelationship.x(type(A),"])
def test_nesting_has_a_limit(opening: str) -> None:
    def nested(depth: int) -> str:
        return f"type(A),{opening * depth}tag(b){')' * depth}"

    parse_selector(nested(MAX_DEPTH))
    with pytest.raises(SelectorError, match=f"nested more than {MAX_DEPTH} deep"):
        parse_selector(nested(MAX_DEPTH + 1))


@pytest.mark.parametrize("text", ["not(" * 2_000, "type(A),toRelationship.x(" * 400, "(" * 9_000])
def test_endless_nesting_is_an_error_like_any_other(text: str) -> None:
    with pytest.raises(SelectorError):
        parse_selector(f"type(A),{text}")


def test_a_long_selector_is_read_whole() -> None:
    assert len(parse_selector("type(A)" + f",tag({'b' * 90})" * 99).criteria) == 100


_PIECES = st.sampled_from(
    [
        *"type entityId entityName .equals .startsWith .in tag mzId not caseSensitive".split(),
        *"healthState firstSeenTms.lt fromRelationships.a toRelationship.b .exists".split(),
        *"deletedEntities.include osType HOST now-2h ä".split(),
        *'(),"~.:[]\\\x00\ud800 \n',
        " AND ",
    ]
)


@given(st.lists(_PIECES, max_size=25).map("".join) | st.text())
def test_any_text_is_a_selector_or_a_selector_error(text: str) -> None:
    try:
        found = parse_selector(text)
    except SelectorError:
        return
    assert found.criteria


@pytest.mark.parametrize(
    "text",
    [
        "type(HOST)" + ",tag(env)" * 100,
        f"type(HOST),entityName({'x,' * 99}x)",
        f"type(HOST),not(caseSensitive(entityName.startsWith({'x,' * 99}x)))",
        "type(HOST)" + ",toRelationship.a(type(b))" * 17,
        f"type(HOST),toRelationship.a(type(b){',tag(x)' * 95})",
    ],
    ids=["criteria", "parts of names", "starts of names", "relationships", "nested"],
)
def test_a_selector_that_asks_too_much_is_refused(text: str) -> None:
    with pytest.raises(SelectorError, match="Got more than 100 criteria"):
        parse_selector(text)


def test_many_whole_names_ask_little() -> None:
    assert len(parse_selector(f"type(HOST),entityName.in({'x,' * 4_000}x)").criteria) == 2
