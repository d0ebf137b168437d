"""gateway: the service's own API for events, deliveries, health, contracts and pages."""
