"""Checks servers against the contracts, and compares versions of contracts."""
