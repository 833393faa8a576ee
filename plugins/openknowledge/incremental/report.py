"""The one line with which a build ends."""

from __future__ import annotations

import time

import pelican as pelican_package

from .ledger import Ledger


def begin_report() -> None:
    """Let Pelican speak: the last line of a build that came before had silenced it."""
    pelican_package.console.quiet = False


def final_line(ledger: Ledger) -> None:
    """`Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems.`"""
    pages = sum(path.endswith(".html") for path in ledger.made)
    feeds = sum(path.endswith((".rss.xml", ".atom.xml")) for path in ledger.made)
    seconds = time.monotonic() - ledger.began
    found = _counted(ledger.problems, "problem") if ledger.problems else "no problems"
    changed = f"{_counted(ledger.changed, 'file')} changed, {ledger.removed} removed"
    line = f"Built {_counted(pages, 'page')} and {_counted(feeds, 'feed')} in {seconds:.1f} s: {changed}, {found}."
    pelican_package.console.print(line, soft_wrap=True, markup=False, highlight=False)
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican_package.console.quiet = True


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
