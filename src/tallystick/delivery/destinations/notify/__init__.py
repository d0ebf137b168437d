"""The destination `notify`; see `destination.py`."""
