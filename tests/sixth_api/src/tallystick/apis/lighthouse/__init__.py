"""lighthouse: lighthouses report each light that they show."""
