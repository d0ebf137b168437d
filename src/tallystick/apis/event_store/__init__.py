"""event_store: reports of cloud operations."""
