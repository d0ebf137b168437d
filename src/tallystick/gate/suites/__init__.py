"""The suites of a run: each judges one aspect of a server, result by result."""
