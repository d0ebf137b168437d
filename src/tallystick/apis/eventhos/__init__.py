"""eventhos: clients of a system send its events, which other systems wait for."""
