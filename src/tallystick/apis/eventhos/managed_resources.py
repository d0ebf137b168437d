"""The managed resources: systems, their events, and the contracts of events with actions."""

from __future__ import annotations

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
        Field("clientId", "client_id", refers_to=clients),
        DESCRIPTION,
    ],
    used_by=[events.c.system_id, actions.c.system_id],
)

EVENTS = Resource(
    events,
    [SYSTEM_ID, IDENTIFIER, NAME, OPERATION, DESCRIPTION],
    used_by=[contracts.c.event_id],
)

CONTRACTS = Resource(
    contracts,
    [
        Field("eventId", "event_id", fixed=True, refers_to=events),
        Field("actionId", "action_id", fixed=True, refers_to=actions),
        IDENTIFIER,
        NAME,
        Field("order", "position"),
        Field("active", "active"),
        Field("mailRecipientsOnError", "mail_recipients_on_error"),
    ],
)
