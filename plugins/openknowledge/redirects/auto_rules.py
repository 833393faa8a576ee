"""Rules for URLs that need no editor: what the site derives by itself follows the item that it was derived from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from openknowledge.catalogue.views.feeds import feed_paths
from openknowledge.url_paths import normalize, path_of_file

from .legacy_portal import run_path
from .model import RedirectRule, ServedPath
from .route_patterns import RoutePattern, match, untranslate

if TYPE_CHECKING:
    from openknowledge.catalogue.site import Site

__all__ = ["AutoRules"]

PathTemplate = Callable[[str], str]
"""Returns the file of a feed or document for the reference of an item."""


@dataclass(frozen=True)
class AutoRules:
    """What becomes of URLs that nothing answers, as far as it can be derived.

    `ends` has the final rule of each old URL's chain.
    """

    site: Site
    patterns: tuple[RoutePattern, ...]
    served: Mapping[str, ServedPath]
    ends: Mapping[str, RedirectRule]

    def rule_for(self, address: str) -> RedirectRule | None:
        """Return the rule for a URL; None where only an editor knows."""
        run = run_path(address)
        if run is not None and run in self.ends:
            return replace(self.ends[run], source=address)
        fit = match(self.patterns, address)
        if fit is None:
            return self._document(address)
        pattern, parts = fit
        if not pattern.kind:
            return RedirectRule(address, self.nearest_parent(address))
        return self._translation(address, pattern, parts)

    def nearest_parent(self, address: str) -> str:
        """Return the nearest URL above that is served or redirected; the home page always is."""
        steps = address.strip("/").split("/")
        for end in range(len(steps) - 1, 0, -1):
            above = f"/{'/'.join(steps[:end])}/"
            if above in self.served or above in self.ends:
                return above
        return "/"

    def _translation(self, address: str, pattern: RoutePattern, parts: Mapping[str, str]) -> RedirectRule | None:
        """Return the rule of a page in one language, from that of its page of the same name in another language."""
        meant = untranslate(self.site.routes, pattern.lang, parts)
        for other in self._old_paths(pattern.kind, meant):
            end = self.ends.get(other) if other != address else None
            if end is not None:
                return self._translated_target(address, end, pattern.lang)
        return None

    def _translated_target(self, address: str, end: RedirectRule, lang: str) -> RedirectRule | None:
        """Return another rule with its target in this language."""
        if end.target is None:
            return RedirectRule(address, None, reason=end.reason)
        served = self.served.get(normalize(end.target))
        if served is None or not served.ref or served.type != "page":
            return None
        return RedirectRule(address, self._page(served.ref, lang))

    def _page(self, ref: str, lang: str) -> str:
        record = self.site.stub_by_ref(ref)
        assert record is not None
        return path_of_file(self.site.record_route(record, lang).save_as)

    def _document(self, address: str) -> RedirectRule | None:
        """Return the rule of a feed or a data document: it follows its item, and is gone with it."""
        for kind, slug, path_template in self._owners(address):
            for page in self._old_paths(kind, {"slug": slug}):
                end = self.ends.get(page)
                served = self.served.get(normalize(end.target)) if end is not None and end.target else None
                if served is not None and served.ref and path_of_file(path_template(served.ref)) in self.served:
                    return RedirectRule(address, path_of_file(path_template(served.ref)))
            return RedirectRule(address, None)
        return None

    def _owners(self, address: str) -> Iterator[tuple[str, str, PathTemplate]]:
        """Yield the kind and slug that a feed or document is named after, and its path for another item."""
        kinds = {kind.name for kind in self.site.kinds}
        for lang in self.site.langs:
            feed = re.fullmatch(r"/(.*?)([a-z_]+)/([^/]+)\.(rss|atom)\.xml", address)
            base = self.site.routes.route("subscribe", lang).url
            if feed and feed[1] == base and feed[2] in kinds:
                at = ("rss", "atom").index(feed[4])
                yield feed[2], feed[3], partial(self._feed, lang, at)
        before, placeholder, after = self.site.settings.counter_json.partition("{slug}")
        if placeholder and address.startswith(f"/{before}") and address.endswith(after):
            slug = address[len(before) + 1 : -len(after)]
            yield "course", slug, lambda ref: f"{before}{ref.partition('/')[2]}{after}"

    def _feed(self, lang: str, at: int, ref: str) -> str:
        return feed_paths(self.site, lang, f"ref:{ref}")[at]

    def _old_paths(self, kind: str, parts: Mapping[str, object]) -> Iterator[str]:
        """Yield the paths of an item with these parts in its URL."""
        for lang in self.site.langs:
            try:
                yield path_of_file(self.site.routes.route(kind, lang, **parts).save_as)
            except KeyError:
                continue
