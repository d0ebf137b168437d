"""Destinations: the kinds of places that events can be delivered to, a folder each."""
