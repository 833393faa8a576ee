"""Previews: a branch as its readers would see it, at an address of its own, and what it would change."""
