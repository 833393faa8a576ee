"""Published URLs that a build would lose, and what an editor can write about them."""

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from openknowledge.problems import Message, Problem
from openknowledge.url_paths import normalize

from .auto_rules import RoutePattern, match
from .table import Redirect, ServedPath

__all__ = ["Suggester", "find_lost"]

SUGGESTED = 25
"""The number of lost URLs that get a suggestion. A build that loses more has changed a pattern, and needs none."""
FindFiles = Callable[[str, str, str], Iterable[str]]
"""Returns the files that an item's page came from: of a kind, with a slug, in a language."""


def find_lost(addresses: Iterable[str], served: Container[str], redirects: Iterable[Redirect]) -> tuple[str, ...]:
    """Return the URLs that neither a file nor a redirect answers, normalized and sorted.

    `served` has normalized paths. A redirect with a query does not answer its path without the query.
    """
    answered = {normalize(redirect.source) for redirect in redirects if not redirect.query}
    urls = sorted(set(map(normalize, addresses)))
    return tuple(url for url in urls if url not in served and url not in answered)


@dataclass
class Suggester:
    """Says what to write about a lost URL; where its item is now, only if `find_files` is sure of it."""

    patterns: Sequence[RoutePattern]
    served: Mapping[str, ServedPath]
    redirects: str
    find_files: FindFiles
    suggested: int = field(default=0, init=False)

    def problem(self, address: str) -> Problem:
        """Return the problem of one lost URL, at the file of the item whose page was there, if that is known."""
        message = Message("%(address)s was published once, and nothing would answer there any more", address=address)
        alias, gone = f"aliases: [{address}]", f"- {{from: {address}, gone: true}}"
        path = self._file_of(address)
        if path is not None:
            hint = Message(
                'Its file has another name or another slug now: add here "%(alias)s". If the page is gone for good, '
                'add to %(file)s "%(gone)s".',
                alias=alias,
                file=self.redirects,
                gone=gone,
            )
            return Problem(path, None, "aliases", message, hint)
        hint = Message(
            'If its page has another address now, add to the file of that page "%(alias)s". If it is elsewhere, add '
            'here "%(moved)s". If nothing has taken its place: "%(gone)s".',
            alias=alias,
            moved=f"- {{from: {address}, to: /…/}}",
            gone=gone,
        )
        return Problem(self.redirects, None, None, message, hint)

    def _file_of(self, address: str) -> str | None:
        """Return the one file that has an alias to get; None where that is not certain."""
        fit = match(self.patterns, address)
        self.suggested += 1
        if fit is None or not fit[0].kind or "slug" not in fit[1] or self.suggested > SUGGESTED:
            return None
        pattern, parts = fit
        pages = {served.path for served in self.served.values() if served.path and served.lang == pattern.lang}
        files = [path for path in self.find_files(pattern.kind, parts["slug"], pattern.lang) if path in pages]
        return files[0] if len(files) == 1 else None
