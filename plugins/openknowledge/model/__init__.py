"""What the site knows, as frozen values of the standard library."""
