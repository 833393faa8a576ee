"""The one line with which a build ends."""

from __future__ import annotations

import time

import pelican as pelican_package

from .ledger import Ledger


def final_line(ledger: Ledger) -> None:
    """`Built 126 pages and 80 feeds in 2.1 s: 4 files changed, 1 removed, no problems.`"""
    pages = sum(path.endswith(".html") for path in ledger.made)
    feeds = sum(path.endswith((".rss.xml", ".atom.xml")) for path in ledger.made)
    seconds = time.monotonic() - ledger.began
    changed = f"{_counted(ledger.changed, 'file')} changed, {ledger.removed} removed"
    print(f"Built {_counted(pages, 'page')} and {_counted(feeds, 'feed')} in {seconds:.1f} s: {changed}, no problems.")
    # Pelican's own last line counts articles and pages, of which this site has none.
    pelican_package.console.quiet = True


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
