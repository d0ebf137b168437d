"""The generic service: it answers for a contract that has no Python of its own."""
