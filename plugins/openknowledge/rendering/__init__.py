"""From values to text: locales, translations, Jinja environments, and digests of templates."""
