"""The managed resources: systems, their events, and the contracts of events with actions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select

from tallystick.apis.eventhos.resource import Field, Resource
from tallystick.apis.eventhos.tables import actions, clients, contracts, events, systems

IDENTIFIER = Field("identifier", "identifier", fixed=True)
NAME = Field("name", "name")
DESCRIPTION = Field("description", "description", default="")
SYSTEM_ID = Field("system_id", "system_id", fixed=True, refers_to=systems)
OPERATION = Field("operation", "operation")

SYSTEMS = Resource(
    systems,
    [
        Field("systemClass", "system_class"),
        IDENTIFIER,
        NAME,
        Field("type", "type"),
        # The vendor's UI sends an empty text for no client.
        Field("clientId", "client_id", refers_to=clients, read=lambda id_: id_ or None),
        DESCRIPTION,
    ],
    used_by=[events.c.system_id, actions.c.system_id],
    shown={"class": systems.c.system_class, "client_id": systems.c.client_id},
)

EVENTS = Resource(
    events,
    [SYSTEM_ID, IDENTIFIER, NAME, OPERATION, DESCRIPTION],
    used_by=[contracts.c.event_id],
)


def system_name(id_: ColumnElement[Any]) -> ScalarSelect[Any]:
    """Return the name of the system with this id, as a subquery."""
    named = systems.alias()
    return select(named.c.name).where(named.c.id == id_).scalar_subquery()


def _of_event(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    # Named, because a subquery inside a subquery takes only the query around it for granted.
    found = select(column).where(events.c.id == contracts.c.event_id)
    return found.correlate(contracts).scalar_subquery()


def _of_action(column: ColumnElement[Any]) -> ScalarSelect[Any]:
    found = select(column).where(actions.c.id == contracts.c.action_id)
    return found.correlate(contracts).scalar_subquery()


SHOWN_OF_CONTRACTS = {
    "producerName": system_name(_of_event(events.c.system_id)),
    "consumerName": system_name(_of_action(actions.c.system_id)),
    "eventIdentifier": _of_event(events.c.identifier),
    "actionIdentifier": _of_action(actions.c.identifier),
}
"""What a contract ties together, beside the ids."""


def contract_resource(*, numbers: bool) -> Resource:
    """Return the kind of contracts, with `numbers` whose ``active`` is answered as 1 or 0."""
    return Resource(
        contracts,
        [
            Field("eventId", "event_id", fixed=True, refers_to=events),
            Field("actionId", "action_id", fixed=True, refers_to=actions),
            IDENTIFIER,
            NAME,
            Field("order", "position", default=0),
            Field("active", "active", default=True, write=int if numbers else None),
            Field("mailRecipientsOnError", "mail_recipients_on_error", default=""),
        ],
        shown=SHOWN_OF_CONTRACTS,
    )
