"""event_store: cloud operations report what they did."""
