"""Pelican plugins that turn a university's open knowledge into one static catalogue."""
