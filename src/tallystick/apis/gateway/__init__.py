"""The service's own API: stored events, health, contracts and pages."""
