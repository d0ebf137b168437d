"""The suites of a run, each for one aspect of a server."""
