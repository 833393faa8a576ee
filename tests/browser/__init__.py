"""The site's own pages in a real Chromium."""
