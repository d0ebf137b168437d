from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, insert

from tallystick.apis.keyastrom import entities, selector_sql, tables
from tallystick.apis.keyastrom import selector as s
from tallystick.apis.keyastrom.entities import Entity
from tallystick.store.tables import metadata

NOW = 1_764_064_800_000
HOUR = 3_600_000

TYPES = ["HOST", "HOST_GROUP", "SERVICE"]
NAMES = ["", "web", "Web-1", "WEB-2", "db_1", "Straße 1", "STRASSE 1", "100% sure", "a_b", "ÄÖ"]
TAGS = ["env", "env:prod", "env:test", "[AWS]env:prod", r"a\:b:c", "Env:prod"]
ATTRIBUTES = ["osType", "cores", "dt.cost"]
VALUES = ["LINUX", "linux", "4", ""]
RELATIONS = ["runsOn", "isInstanceOf", "calls"]
ZONES = {"1": "Shop", "2": "shop", "-3": "Bank"}
IDS = [f"{type_}-{number:016X}" for type_ in TYPES for number in range(4)]


class World(NamedTuple):
    """Entities by ID, which of them have an open problem, and the database that knows both."""

    entities: Mapping[str, Entity]
    unhealthy: frozenset[str]
    connection: Connection

    def selected(self, text: str) -> list[str]:
        selected = selector_sql.matching(s.parse_selector(text))
        rows = self.connection.execute(
            selected.statement, selected.parameters(NOW, NOW - 24 * HOUR)
        )
        return [row.id for row in rows]


def some(choice: random.Random, of: Sequence[str]) -> list[str]:
    return [item for item in of if choice.random() < 0.35]


def entity(choice: random.Random, id_: str) -> Entity:
    return Entity(
        id=id_,
        type=id_.partition("-")[0],
        name=choice.choice(NAMES),
        first_seen_ms=NOW - choice.randrange(5) * HOUR,
        last_seen_ms=choice.choice([None, NOW, NOW - 24 * HOUR, NOW - 24 * HOUR - 1]),
        tags=some(choice, TAGS),
        attributes={name: some(choice, VALUES) for name in some(choice, ATTRIBUTES)},
        relationships={name: some(choice, IDS) for name in some(choice, RELATIONS)},
        zones={id_: ZONES[id_] for id_ in some(choice, list(ZONES))},
    )


def problem(number: int, type_: str, id_: str, end_ms: int) -> dict[str, object]:
    event = {"id": number, "type": type_, "entity_id": id_, "end_ms": end_ms}
    return {**event, "start_ms": NOW, "content": "{}"}


def world(seed: int) -> World:
    choice = random.Random(seed)
    everything = [entity(choice, id_) for id_ in IDS]
    connection = create_engine("sqlite://").connect()
    metadata.create_all(connection)
    entities.add_entities(connection, everything)
    unhealthy = some(choice, IDS)
    rows = [problem(n, "ERROR_EVENT", id_, NOW + 1) for n, id_ in enumerate(unhealthy)]
    rows += [problem(100 + n, "ERROR_EVENT", id_, NOW) for n, id_ in enumerate(IDS)]
    rows += [problem(200 + n, "CUSTOM_INFO", id_, NOW + 1) for n, id_ in enumerate(IDS)]
    connection.execute(insert(tables.events), rows)
    return World({e.id: e for e in everything}, frozenset(unhealthy), connection)


@pytest.fixture(scope="module")
def worlds() -> Iterator[list[World]]:
    made = [world(seed) for seed in range(8)]
    yield made
    for one in made:
        one.connection.close()
        one.connection.engine.dispose()


def naive(world: World, selector: s.Selector) -> list[str]:
    """What the selector matches, found out by looking at every entity."""
    return sorted(e.id for e in world.entities.values() if matches(world, selector, e))


def matches(world: World, selector: s.Selector, entity: Entity) -> bool:
    by_id = any(isinstance(criterion, s.EntityId) for criterion in selector.criteria)
    seen = entity.last_seen_ms
    active = by_id or seen is None or NOW - seen <= 24 * HOUR
    return active and all(meets(world, criterion, entity) for criterion in selector.criteria)


# One branch for each criterion reads best.
def meets(world: World, criterion: s.Criterion, entity: Entity) -> bool:  # noqa: PLR0911, PLR0912
    match criterion:
        case s.EntityType(name):
            return entity.type == name
        case s.EntityTypes(names):
            return entity.type in names
        case s.EntityId(ids):
            return entity.id in ids
        case s.EntityName():
            return named(criterion, entity.name)
        case s.Tag(wanted):
            return bool(set(map(s.tag_value, entity.tags)) & set(wanted))
        case s.ZoneId(ids):
            return bool(set(entity.zones) & set(ids))
        case s.ZoneName(names):
            return bool(set(entity.zones.values()) & set(names))
        case s.HealthState(states):
            return ("UNHEALTHY" if entity.id in world.unhealthy else "HEALTHY") in states
        case s.FirstSeen(comparison, time):
            return COMPARISONS[comparison](entity.first_seen_ms, time.at(NOW))
        case s.DeletedEntities():
            return True
        case s.Relationship():
            return related(world, criterion, entity)
        case s.Attribute(name, values):
            return bool(set(attribute(entity, name)) & set(values))
        case s.AttributeExists(name, exists):
            return bool(attribute(entity, name)) is exists
        case s.Not(inner):
            return not meets(world, inner, entity)


COMPARISONS: Mapping[s.Comparison, Callable[[int, int], bool]] = {
    s.Comparison.LT: int.__lt__,
    s.Comparison.LTE: int.__le__,
    s.Comparison.GT: int.__gt__,
    s.Comparison.GTE: int.__ge__,
}


def named(criterion: s.EntityName, name: str) -> bool:
    values = list(criterion.values)
    if not criterion.case_sensitive:
        name, values = name.casefold(), [value.casefold() for value in values]
    if criterion.match is s.MatchOperator.CONTAINS:
        return any(value in name for value in values)
    if criterion.match is s.MatchOperator.STARTS_WITH:
        return any(name.startswith(value) for value in values)
    return name in values


def attribute(entity: Entity, folded: str) -> list[str]:
    found = [values for name, values in entity.attributes.items() if name.casefold() == folded]
    return [value for values in found for value in values]


def related(world: World, criterion: s.Relationship, entity: Entity) -> bool:
    others = [e for e in world.entities.values() if matches(world, criterion.selector, e)]
    if criterion.end is s.End.FROM:
        return any(leads(entity, criterion.name, other) for other in others)
    return any(leads(other, criterion.name, entity) for other in others)


def leads(one: Entity, folded: str, other: Entity) -> bool:
    return any(
        name.casefold() == folded and other.id in ids for name, ids in one.relationships.items()
    )


def quoted(text: str) -> str:
    return '"' + text.replace("~", "~~").replace('"', '~"') + '"'


def call(name: str, values: Sequence[str]) -> st.SearchStrategy[str]:
    some_values = st.lists(st.sampled_from(values), min_size=1, max_size=3)
    return some_values.map(lambda chosen: f"{name}({','.join(map(quoted, chosen))})")


PARTS = ["we", "WEB", "1", "ss", "ß", "%", "_", "ä", "nothing"]
ENTITY_NAMES = st.one_of(
    call("entityName", ["", *PARTS]),
    call("entityName.startsWith", ["", *PARTS, *NAMES]),
    call("entityName.equals", NAMES),
    call("entityName.in", NAMES),
)
LEAVES = st.one_of(
    ENTITY_NAMES,
    ENTITY_NAMES.map(lambda name: f"caseSensitive({name})"),
    call("tag", [*TAGS, "nothing"]),
    call("mzId", [*ZONES, "4"]),
    call("mzName", [*ZONES.values(), "SHOP"]),
    call("healthState", ["HEALTHY", "UNHEALTHY", "healthy"]),
    st.sampled_from(["lt", "lte", "gt", "gte"]).map(lambda c: f"firstSeenTms.{c}(now-2h)"),
    st.sampled_from(ATTRIBUTES).flatmap(lambda name: call(name, VALUES)),
    st.sampled_from(ATTRIBUTES).map(lambda name: f"{name.upper()}.exists()"),
    st.sampled_from(ATTRIBUTES).map(lambda name: f"{name}.exists(false)"),
)
TYPE = st.sampled_from([*TYPES, "host", "UNKNOWN"]).map(lambda name: f"type({name})")
OWN_IDS = st.sampled_from(TYPES).flatmap(
    lambda type_: call("entityId", [id_ for id_ in IDS if id_.startswith(f"{type_}-")])
)


@st.composite
def selectors(draw: st.DrawFn, depth: int = 3) -> str:
    first = draw(st.one_of(TYPE, TYPE, OWN_IDS))
    others = draw(st.lists(negatable(depth), max_size=3))
    if draw(st.booleans()):
        others.append("deletedEntities.include()")
    criteria = draw(st.permutations([first, *others]))
    return draw(st.sampled_from([",", " AND ", " , "])).join(criteria)


def negatable(depth: int) -> st.SearchStrategy[str]:
    if depth == 0:
        return LEAVES
    return st.one_of(LEAVES, relationships(depth), negatable(depth - 1).map("not({})".format))


def relationships(depth: int) -> st.SearchStrategy[str]:
    ends = st.sampled_from(["fromRelationship", "toRelationships"])
    parts = st.tuples(ends, st.sampled_from(RELATIONS), selectors(depth - 1))
    return parts.map(lambda p: "{}.{}({})".format(*p))


@given(data=st.data(), text=selectors())
def test_the_database_selects_what_a_look_at_every_entity_finds(
    worlds: list[World], data: st.DataObject, text: str
) -> None:
    one = data.draw(st.sampled_from(worlds))
    assert one.selected(text) == naive(one, s.parse_selector(text))


@pytest.mark.parametrize(
    "text",
    [
        "type(HOST)" + ",tag(env)" * 99,
        f"type(HOST),entityName({'x,' * 98}x)",
        f"type(HOST),tag({'x,' * 4_900}x)",
        f"type(HOST),osType({'x,' * 4_900}x)",
        "type(HOST)" + ",toRelationship.a(type(b))" * 16,
        "type(HOST)" + ",fromRelationship.a(type(b)" * 10 + ")" * 10,
        "type(HOST)," + "not(" * 10 + "tag(x)" + ")" * 10,
    ],
    ids=["criteria", "names", "tags", "values", "relationships", "nested", "negated"],
)
def test_the_longest_selectors_are_no_trouble_to_the_database(
    worlds: list[World], text: str
) -> None:
    assert len(text) <= 10_000
    assert worlds[0].selected(text) == naive(worlds[0], s.parse_selector(text))


def test_criteria_of_two_kinds_with_the_same_values_select_each_by_its_own(
    worlds: list[World],
) -> None:
    texts = [f"type(HOST),{kind}(HEALTHY)" for kind in ("healthState", "mzName", "mzId", "tag")]
    found = [worlds[0].selected(text) for text in texts]
    assert found[0]
    assert found == [naive(worlds[0], s.parse_selector(text)) for text in texts]
