"""What the readers are set to; importing it imports neither of them."""

from __future__ import annotations

READERS = ("markdown", "fast")
"""The names of the readers, the default one first."""

NUMBER = r"\{((?:figure|counter|total):[^{}\s]+)\}"
"""How a number stands in a text; the group is its name."""

EXTENSIONS = (
    "tables",
    "footnotes",
    "def_list",
    "attr_list",
    "admonition",
    "fenced_code",
    "abbr",
    "sane_lists",
    "toc",
)
"""Python-Markdown's extensions, in the order in which it is given them."""
