"""Caches in front of a site are told what changed: one module for each kind of cache."""
