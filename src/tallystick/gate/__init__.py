"""The contracts as a gate: judges servers, and compares documents."""
