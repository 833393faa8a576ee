"""The names of the Markdown readers and what both are set to; importing it imports neither."""

from __future__ import annotations

from importlib.util import find_spec

__all__ = ["EXTENSIONS", "NUMBER", "READERS", "check_reader"]

READERS = ("markdown", "fast")
"""The names of the readers, the default one first."""
NUMBER = r"\{((?:figure|counter|total):[^{}\s]+)\}"
"""A number in a text; the group is its name."""
EXTENSIONS = (
    *("tables", "footnotes", "def_list", "attr_list", "admonition", "fenced_code", "abbr", "sane_lists", "toc"),
)
"""Python-Markdown's extensions, in the order in which it loads them."""
INSTALL_FAST = (
    'the fast Markdown reader is not installed: run "python3 requirements/install.py fast", '
    'or use MARKDOWN_READER = "markdown", which makes the same pages more slowly'
)


def check_reader(reader: str) -> str | None:
    """Return why a reader cannot be used, with what to do about it; None where it can."""
    if reader not in READERS:
        names = " or ".join(f'"{name}"' for name in READERS)
        return f'there is no Markdown reader "{reader}": write {names}'
    if reader == "fast" and find_spec("pyromark") is None:
        return INSTALL_FAST
    return None
