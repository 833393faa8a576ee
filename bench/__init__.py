"""How fast a build is, and what it costs: of this project's own site, and beside other generators."""
