"""A real browser for tests and screenshots. Not part of a build."""
