"""The destination `kafka`; see `destination.py`."""
