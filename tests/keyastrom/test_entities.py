"""Entities are kept with all that belongs to them."""

from __future__ import annotations

import pytest

from keyastrom_world import GROUP, HOST, Kept
from tallystick.apis.keyastrom import entities
from tallystick.apis.keyastrom.entities import (
    DEV_WORLD,
    ENVIRONMENT,
    Entity,
    add_entities,
    batches,
    find_entities,
    put_entities,
)


def found(kept: Kept, *ids: str) -> dict[str, Entity]:
    return kept.write(lambda connection: find_entities(connection, ids))


def test_an_entity_comes_back_as_it_was(kept: Kept) -> None:
    kept.add(GROUP, HOST)
    [host] = found(kept, HOST.id).values()
    assert host._replace(tags=sorted(host.tags)) == HOST._replace(tags=sorted(HOST.tags))


def test_only_those_that_are_there_are_found(kept: Kept) -> None:
    kept.add(HOST)
    assert list(found(kept, HOST.id, "NOTHING-1")) == [HOST.id]
    assert found(kept) == {}
    assert found(kept, ENVIRONMENT.id)[ENVIRONMENT.id].name == "Tallystick"


def test_what_is_there_already_is_not_added_again(kept: Kept) -> None:
    kept.add(HOST)
    kept.add(HOST._replace(name="Another"))
    assert found(kept, HOST.id)[HOST.id].name == HOST.name


def test_what_is_put_replaces_what_was_there_with_all_that_belonged_to_it(kept: Kept) -> None:
    kept.add(HOST)
    other = Entity(HOST.id, "HOST", "Another", tags=["stage:dev"])
    kept.write(lambda connection: put_entities(connection, [other]))
    assert found(kept, HOST.id)[HOST.id] == other._replace(tags=["stage:dev"])


def test_of_one_id_that_is_put_twice_the_last_counts(kept: Kept) -> None:
    twice = [HOST._replace(name=name) for name in ("first", "last")]
    kept.write(lambda connection: put_entities(connection, twice))
    assert found(kept, HOST.id)[HOST.id].name == "last"


def test_a_type_is_kept_in_capitals(kept: Kept) -> None:
    kept.add(Entity("HOST-9", "host", "small"))
    assert found(kept, "HOST-9")["HOST-9"].type == "HOST"


def test_the_dev_world_is_what_the_page_s_examples_speak_of(kept: Kept) -> None:
    kept.write(lambda connection: add_entities(connection, DEV_WORLD))
    group = "type(HOST_GROUP),entityName(cloud-burst-hosts)"
    hosts = f"type(HOST),fromRelationship.isInstanceOf({group})"
    assert len(kept.entities(entity_selector=hosts)["entities"]) == 2


def test_ids_go_in_batches_that_one_statement_can_take(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [len(batch) for batch in batches(["x"] * 2_500)] == [1_000, 1_000, 500]
    monkeypatch.setattr(entities, "_BATCH", 2)
    many = [Entity(f"HOST-{n}", "HOST", f"h{n}") for n in range(5)]
    kept.write(lambda connection: put_entities(connection, many))
    assert len(found(kept, *(entity.id for entity in many))) == 5
