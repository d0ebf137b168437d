"""The destination `mail`; see `destination.py`."""
