"""The theme: templates, styles and scripts."""
