"""How facts arrive from other platforms: run by hand or on a schedule, never during a build."""
