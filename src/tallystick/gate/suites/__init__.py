"""The suites of a run: each judges one thing of a server, result by result."""
