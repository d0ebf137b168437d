"""The grammar of entity selectors reads what a plain reader of a page reads, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reference_selector import ReferenceReader, Refused
from tallystick.apis.keyastrom.selector import Selector, parse_selector
from tallystick.apis.keyastrom.selector_parser import SelectorError

PIECES = [
    *("type", "TYPE", "entityId", "entityName", "tag", "mzId", "mzName", "healthState", "not"),
    *("firstSeenTms", "fromRelationships", "toRelationship", "caseSensitive", "deletedEntities"),
    *("exists", "equals", "contains", "startsWith", "in", "lte", "gt", "include", "osType", "a-b"),
    *("(", ")", ",", ".", " AND ", "AND", " ", "\n", '"', "~", '"x,y)"', '""', "true", "false"),
    *("HOST", "HOST-0123456789ABCDEF", "SERVICE-0123456789ABCDEF", "[AWS]k:v", "now-2h", "ж", "5"),
]
VALUE = st.sampled_from(["HOST", "a b", '"a~"b"', "[AWS]k:v", "now-2h", "true", "x AND y", "ж"])
VALUES = st.lists(VALUE, min_size=1, max_size=3).map(",".join)
NAMES = st.sampled_from(
    ["tag", "mzId", "entityName", "entityName.equals", "osType", "a.b", "firstSeenTms.lt", "type"]
)
LEAF = st.builds("{}({})".format, NAMES, VALUES) | st.builds("{}.exists({})".format, NAMES, VALUES)
CRITERION = st.recursive(
    LEAF,
    lambda inner: (
        st.builds("not({})".format, inner)
        | st.builds("fromRelationships.runsOn(type(HOST),{})".format, inner)
        | st.builds("caseSensitive({})".format, inner)
    ),
    max_leaves=4,
)
WRITTEN = st.lists(CRITERION, max_size=4).map(lambda parts: ",".join(["type(HOST)", *parts]))
USERS = yaml.safe_load(Path(__file__).with_name("selectors_of_users.yaml").read_bytes())


def by_grammar(text: str) -> Selector | None:
    try:
        return parse_selector(text)
    except SelectorError:
        return None


def by_reference(text: str) -> Selector | None:
    try:
        return ReferenceReader(text).read()
    except Refused:
        return None


@settings(max_examples=300)
@example("type(HOST) AND tag(a AND b)")
@example("type(HOST),exists(a)")
@example("type(HOST),a.exists.b(c)")
@given(st.one_of(WRITTEN, st.lists(st.sampled_from(PIECES), max_size=14).map("".join)))
def test_grammar_and_reference_read_the_same(text: str) -> None:
    assert by_grammar(text) == by_reference(text)


@pytest.mark.parametrize("text", [case["selector"] for case in USERS["selectors"]])
def test_both_read_what_users_send(text: str) -> None:
    assert by_grammar(text) == by_reference(text) is not None
