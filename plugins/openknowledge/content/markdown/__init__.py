"""The site's Markdown: what both readers read alike, how each reads it, and where they would part ways."""
