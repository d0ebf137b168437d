"""eventhos: events of systems' clients, delivered to the actions of other systems."""
