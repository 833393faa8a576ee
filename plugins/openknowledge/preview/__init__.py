"""The living server: a site that follows what editors save."""
