"""The development server: it builds the site at every save and updates open pages."""
