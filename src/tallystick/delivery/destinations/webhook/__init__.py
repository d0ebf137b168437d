"""The destination `webhook`; see `destination.py`."""
