"""Jinja templates of plain text, such as configurations of servers and the report of a preview."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

__all__ = ["load_template"]


def load_template(path: Path, **filters: Callable[..., str]) -> Template:
    """Load a template in which lines that have only tags leave nothing in the text; a missing value is an error."""
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= filters
    return environment.get_template(path.name)
