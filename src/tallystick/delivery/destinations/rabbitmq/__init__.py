"""The destination `rabbitmq`; see `destination.py`."""
