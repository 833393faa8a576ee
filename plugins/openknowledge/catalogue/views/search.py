"""The page of search, which leads everywhere without searching too."""

from collections.abc import Mapping
from dataclasses import dataclass

from openknowledge.model.values import Lang
from openknowledge.rendering.locale import N_

from ..site import Site
from .base import NavLink, PageView
from .frame import page_fields

FALLBACKS = (
    (N_("All courses"), "courses"),
    (N_("Videos by year, language and playlist"), "videos"),
    (N_("Topics from A to Z"), "topics"),
    (N_("Press releases by year"), "press_releases"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchPage(PageView):
    """`search.html`. `data_url` is the list that the browser searches; `locale` is how it writes dates.

    `counts` are texts for the number of results, by plural category, and `nothing` is the text for none; the browser
    fills in `%(number)s` and `%(query)s`. `fallback_links` lead to the lists of all items.
    """

    explanation: str
    data_url: str
    locale: str
    counts: Mapping[str, str]
    nothing: str
    fallback_links: tuple[NavLink, ...]


def search_page(site: Site, lang: Lang) -> SearchPage:
    """Return what `search.html` shows; the browser adds the results."""
    language = site.language(lang)
    gettext = language.gettext
    explanation = gettext("Courses, videos, press releases, people and topics, by words of their titles and abstracts.")
    return SearchPage(
        **page_fields(
            site,
            lang,
            lambda other: site.routes.route("search", other),
            template="search",
            heading=gettext("Search"),
            description=explanation,
            section="search",
            robots="noindex",
        ),
        explanation=explanation,
        data_url=site.url_for_path(site.settings.search_json.format(lang=lang)),
        locale=str(language.locale).replace("_", "-"),
        counts=language.plural_forms("%(number)s result for “%(query)s”", "%(number)s results for “%(query)s”"),
        nothing=gettext("Nothing was found for “%(query)s”. Try fewer or other words, or one of the ways below."),
        fallback_links=tuple(
            NavLink(text=gettext(words), url=site.route_url(route, lang)) for words, route in FALLBACKS
        ),
    )
