"""Scaffolds of new items, and the interface's messages."""
