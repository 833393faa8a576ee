"""Rules for URLs that need no editor: what the site derives by itself follows the item that it was derived from."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from openknowledge.catalogue.inputs import ANY_SLUG
from openknowledge.catalogue.kind import Kind
from openknowledge.catalogue.routes import OWN_NAMES, Routes
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.calendar import calendar_path
from openknowledge.catalogue.views.feeds import feed_paths
from openknowledge.catalogue.views.paging import PAGE
from openknowledge.model.values import Ref
from openknowledge.url_paths import normalize, path_of_file

from .sources import run_path
from .table import RedirectRule, ServedPath

__all__ = ["AutoRules", "RoutePattern", "match", "route_patterns", "untranslate"]

PLACEHOLDER = re.compile(r"\{(\w+)\}")
SETTING = re.compile(r"(?P<name>\w+?)(?P<lang>_LANG)?_URL")
FEED = re.compile(r"/(.*?)([a-z_]+)/([^/]+)\.(rss\.xml|atom\.xml|ics)")
PAGE_BELOW = "{page}/[^/]+/"
"""The steps of a page of a long list below the list's own."""
NUMBERS = {"year": r"\d{4}", "page": r"\d+"}
WORDS = ("facet", "format")
"""Parts of URLs whose few values are all in the settings."""

PathTemplate = Callable[[str], str]
"""Returns the file of a feed or document for the reference of an item."""


@dataclass(frozen=True, slots=True)
class RoutePattern:
    """The URLs of one route in one language.

    `kind` is empty for a list. `literal_steps` counts the steps without a placeholder.
    """

    kind: str
    lang: str
    expression: re.Pattern[str]
    literal_steps: int


def route_patterns(routes: Routes, kinds: Sequence[Kind], langs: Sequence[str]) -> tuple[RoutePattern, ...]:
    """Return the patterns of all routes, of the pages of long lists, and of the lists below an item's page.

    Pelican's own settings for pages that this site does not have do not end with a slash, and are skipped.
    """
    names = {kind.name.upper(): kind.name for kind in kinds}
    lists = {lang: [re.escape(routes.translate(kind.plural, lang)) for kind in kinds] for lang in langs}
    patterns = []
    for setting, pattern in sorted(routes.patterns.items()):
        setting_match = SETTING.fullmatch(setting)
        if setting_match is None or not pattern.endswith("/") or ":" in pattern:
            continue
        for lang in langs[1:] if setting_match["lang"] else langs[:1]:
            steps = [_step_expression(routes, lang, step) for step in pattern.strip("/").split("/")]
            literal_steps = sum("(?P<" not in step for step in steps)
            expression = re.compile("/" + "".join(f"{step}/" for step in steps))
            kind = names.get(setting_match["name"], "")
            patterns.append(RoutePattern(kind, lang, expression, literal_steps))
            below = PAGE_BELOW if not kind else f"(?:{'|'.join(lists[lang])})/(?:{PAGE_BELOW})?"
            below = below.format(page=re.escape(routes.translate(PAGE, lang)))
            patterns.append(RoutePattern("", lang, re.compile(expression.pattern + below), literal_steps + 1))
    return tuple(patterns)


def _step_expression(routes: Routes, lang: str, step: str) -> str:
    """Return the regular expression of one step of a pattern, with a group for each placeholder."""
    parts = PLACEHOLDER.split(step.replace("{lang}", lang))
    for index, part in enumerate(parts):
        expression = NUMBERS.get(part, "[^/]+")
        if part in WORDS:
            words = {routes.translate(word, lang) for known in routes.words.values() for word in known}
            expression = "|".join(map(re.escape, sorted(words)))
        parts[index] = f"(?P<{part}>{expression})" if index % 2 else re.escape(part)
    return "".join(parts)


def match(patterns: Iterable[RoutePattern], address: str) -> tuple[RoutePattern, Mapping[str, str]] | None:
    """Return the most specific pattern that fits a URL, with its parts; an item's pattern wins over a list's."""
    fits = ((pattern, fit) for pattern in patterns if (fit := pattern.expression.fullmatch(address)))
    best = max(fits, key=lambda fit: (fit[0].literal_steps, bool(fit[0].kind)), default=None)
    return (best[0], best[1].groupdict()) if best is not None else None


def _owners_of_data(pattern: str, address: str) -> Iterator[tuple[str, str, PathTemplate]]:
    """Yield the kind and slug that a document of numbers is named after, and its path for another item."""
    before, placeholder, after = pattern.partition("{slug}")
    if placeholder and address.startswith(f"/{before}") and address.endswith(after):
        document = address[len(before) + 1 : -len(after)]
        if document.startswith("total/strand/"):
            yield "strand", document.removeprefix("total/strand/"), lambda ref: f"{before}total/{ref}{after}"
        yield "course", document, lambda ref: f"{before}{ref.partition('/')[2]}{after}"


def untranslate(routes: Routes, lang: str, parts: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of a URL as routes take them: a language's words become the values that they stand for."""
    values = {routes.translate(part, lang): part for words in routes.words.values() for part in sorted(words)}
    return {name: part if name in OWN_NAMES else values.get(part, part) for name, part in parts.items()}


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
        return (
            self._translation(address, pattern, parts)
            if pattern.kind
            else RedirectRule(address, self.nearest_parent(address))
        )

    def is_open(self, address: str | None) -> bool:
        """Return whether an address may be that of an item which is missing, or of a file that goes with it."""
        missing = self.site.missing
        if not missing or address is None:
            return False
        normal = normalize(address)
        if not normal.endswith("/"):
            return True
        for pattern in self.patterns:
            fit = pattern.expression.fullmatch(normal)
            slugs = missing.get(pattern.kind, ()) if fit is not None else ()
            if slugs == ANY_SLUG or (slugs and fit is not None and fit["slug"] in slugs):
                return True
            # The addresses of the learning hub begin with those of initiatives.
            if fit is not None and pattern.kind == "hub" and "initiative" in missing:
                return True
        return False

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
        ends = (self.ends.get(other) for other in self._old_paths(pattern.kind, meant) if other != address)
        end = next((end for end in ends if end is not None), None)
        if end is None:
            return None
        if end.target is None:
            return RedirectRule(address, None, reason=end.reason)
        served = self._served_by(end)
        record = self.site.stub_by_ref(served.ref) if served is not None and served.type == "page" else None
        if record is None:
            return None
        return RedirectRule(address, path_of_file(self.site.record_route(record, pattern.lang).save_as))

    def _served_by(self, rule: RedirectRule | None) -> ServedPath | None:
        """Return what is served at the target of a rule, if that belongs to an item."""
        served = self.served.get(normalize(rule.target)) if rule is not None and rule.target else None
        return served if served is not None and served.ref else None

    def _document(self, address: str) -> RedirectRule | None:
        """Return the rule of a feed or a data document: it follows its item, and is gone with it."""
        for kind, slug, path_template in self._owners(address):
            for page in self._old_paths(kind, {"slug": slug}):
                served = self._served_by(self.ends.get(page))
                path = path_of_file(path_template(served.ref)) if served is not None else ""
                if path in self.served:
                    return RedirectRule(address, path)
            return RedirectRule(address, None)
        return self._beside(address)

    def _beside(self, address: str) -> RedirectRule | None:
        """Return the rule of a file beside a page, such as a press kit: it follows the page, and is gone with it."""
        folder, _, name = address.rpartition("/")
        page = (self.ends.get(f"{folder}/") or self.rule_for(f"{folder}/")) if name else None
        if page is None or page.target is None:
            return RedirectRule(address, None, reason=page.reason) if page is not None else None
        path = f"{page.target.rstrip('/')}/{name}"
        return RedirectRule(address, path) if path in self.served else RedirectRule(address, page.target)

    def _owners(self, address: str) -> Iterator[tuple[str, str, PathTemplate]]:
        """Yield the kind and slug that a feed or document is named after, and its path for another item."""
        feed = FEED.fullmatch(address)
        if feed is not None and feed[2] in {kind.name for kind in self.site.kinds}:
            for lang in self.site.langs:
                if feed[1] == self.site.routes.route("subscribe", lang).url:
                    yield feed[2], feed[3], partial(self._feed, lang, feed[4])
        for pattern in (self.site.settings.counter_json, self.site.settings.history_csv):
            yield from _owners_of_data(pattern, address)

    def _feed(self, lang: str, suffix: str, ref: str) -> str:
        if suffix == "ics":
            return calendar_path(self.site, lang, Ref(*ref.split("/", 1)))
        return feed_paths(self.site, lang, f"ref:{ref}")[suffix == "atom.xml"]

    def _old_paths(self, kind: str, parts: Mapping[str, object]) -> Iterator[str]:
        """Yield the paths of an item with these parts in its URL."""
        for lang in self.site.langs:
            try:
                yield path_of_file(self.site.routes.route(kind, lang, **parts).save_as)
            except KeyError:
                continue
