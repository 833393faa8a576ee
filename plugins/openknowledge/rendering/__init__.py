"""How values become text: locales, translations, Jinja environments, and digests of templates."""
