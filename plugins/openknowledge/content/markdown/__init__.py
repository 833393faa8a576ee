"""The site's Markdown: two readers that agree on all portable texts, and a lint for the texts that are not."""
