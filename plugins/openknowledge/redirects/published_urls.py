"""The addresses that were published, from files with one on each line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openknowledge.problems import Problem
from openknowledge.url_paths import normalize

__all__ = ["PublishedUrl", "parse_published"]


@dataclass(frozen=True, slots=True)
class PublishedUrl:
    """An address as it was published, and the line that says so."""

    address: str
    path: str
    line: int


def parse_published(text: str, path: str) -> Iterator[PublishedUrl | Problem]:
    """The addresses in a file; empty lines and those that begin with `#` are none."""
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.strip()
        if plain.startswith("/"):
            yield PublishedUrl(normalize(plain), path, number)
        elif plain and not plain.startswith("#"):
            hint = "Write a path that begins with a slash, such as /corsi/, or # before a remark."
            yield Problem(path, number, None, f'"{plain}" is not an address', hint)
