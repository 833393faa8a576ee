"""Published URLs that a build would lose, and what an editor can write about them."""

import difflib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from openknowledge.problems import Message, Problem
from openknowledge.url_paths import normalize

from .auto_rules import RoutePattern, match
from .table import Redirect, ServedPath

__all__ = ["Suggester", "find_lost"]

SIMILARITY = 0.3
"""How alike the names of an old page and of a new one must be."""
OLD_SIMILARITY = 0.6
"""How alike they must be where the other page was published already."""
SUGGESTED = 25
"""The number of lost URLs that get a suggestion. A build that loses more has changed a pattern, and needs none."""


def find_lost(addresses: Iterable[str], served: Container[str], redirects: Iterable[Redirect]) -> tuple[str, ...]:
    """Return the URLs that neither a file nor a redirect answers, normalized and sorted.

    `served` has normalized paths. A redirect with a query does not answer its path without the query.
    """
    answered = {normalize(redirect.source) for redirect in redirects if not redirect.query}
    urls = sorted(set(map(normalize, addresses)))
    return tuple(url for url in urls if url not in served and url not in answered)


@dataclass
class Suggester:
    """Suggests where the content of a lost URL may be now; `published` are the URLs that existed before."""

    patterns: Sequence[RoutePattern]
    served: Mapping[str, ServedPath]
    published: Container[str]
    redirects: str
    suggested: int = field(default=0, init=False)

    def problem(self, address: str) -> Problem:
        """Return the problem of one lost URL, at the file of the page that most likely took its place."""
        near = self._nearest(address)
        served = self.served.get(near) if near is not None else None
        message = Message("%(address)s was published once, and nothing would answer there any more", address=address)
        alias = f"aliases: [{address}]"
        gone = f"- {{from: {address}, gone: true}}"
        if served is not None and served.path:
            hint = Message(
                'Is %(near)s its new address? Then add here "%(alias)s". If another page has taken its place, add that '
                'to its file; if none has, add to %(file)s "%(gone)s".',
                near=f"{near}{self._translations(served, near)}",
                alias=alias,
                file=self.redirects,
                gone=gone,
            )
            return Problem(served.path, None, "aliases", message, hint)
        moved = f"- {{from: {address}, to: {near or '/…/'}}}"
        hint = Message(
            'If it is elsewhere now, add here "%(moved)s", or to the page\'s own file "%(alias)s". If nothing has '
            'taken its place: "%(gone)s".',
            moved=moved,
            alias=alias,
            gone=gone,
        )
        return Problem(self.redirects, None, None, message, hint)

    def _translations(self, served: ServedPath, near: str | None) -> str:
        """Return the URLs of the same item in other languages, as a parenthesis."""
        same = (url for url, other in self.served.items() if (other.type, other.ref) == ("page", served.ref))
        urls = sorted(url for url in same if url != near)
        return f" ({', '.join(urls)})" if urls and served.ref else ""

    def _nearest(self, address: str) -> str | None:
        """Return the URL of the same section that is most like a lost one; new URLs are tried first."""
        self.suggested += 1
        if self.suggested > SUGGESTED:
            return None
        candidates = dict(self._candidates(address))
        new = [name for name in candidates if candidates[name] not in self.published]
        name = _last_step(address)
        close = new if len(new) == 1 else difflib.get_close_matches(name, new, 1, SIMILARITY)
        close = close or difflib.get_close_matches(name, candidates, 1, OLD_SIMILARITY)
        return candidates[close[0]] if close else None

    def _candidates(self, address: str) -> Iterator[tuple[str, str]]:
        """Yield name and URL of each page of the same kind, or of each file of the same folder."""
        fit = match(self.patterns, address)
        folder = f"/{address.strip('/').partition('/')[0]}/"
        for url, served in sorted(self.served.items()):
            if fit is None:
                if url.startswith(folder) and served.type == "file":
                    yield _last_step(url), url
            elif served.type == "page" and served.lang == fit[0].lang and served.ref.partition("/")[0] == fit[0].kind:
                yield _last_step(url), url


def _last_step(address: str) -> str:
    return address.strip("/").rpartition("/")[2]
