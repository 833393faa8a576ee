"""From files and snapshots to records: discovery, front matter, Markdown, checks, and the caches of all of it."""
