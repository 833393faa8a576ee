"""Connectors: facts from other platforms become snapshots. They run by hand or on a schedule, never during a build."""
