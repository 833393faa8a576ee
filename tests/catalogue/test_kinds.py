"""A kind of content is one file, one line and one template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from babel.support import NullTranslations
from tests.builders import a_site, assembled, list_pages
from tests.search.indexes import index_of, shown, written

from openknowledge.catalogue.kind import HomeBand, Kind
from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.group import group_card, group_list, group_page
from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.catalogue.views.body import summarize
from openknowledge.feeds.generator import feed_items, feed_order
from openknowledge.model.values import PartnerSlug, PersonSlug, Record, Ref, StrandSlug
from openknowledge.rendering.locale import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast(Record):
    """A kind that the catalogue knows nothing of."""

    kind: ClassVar[str] = "podcast"

    published: date
    host: PersonSlug | None = None
    strand: StrandSlug | None = None
    partners: tuple[PartnerSlug, ...] = ()


def podcast_summary(podcast, site, lang):
    belongs_to = (f"strand/{podcast.strand}",) if podcast.strand else ()
    return summarize(podcast, site, lang, published=podcast.published, belongs_to=belongs_to)


PODCAST = Kind(
    name="podcast",
    plural="podcasts",
    label="Podcast",
    label_plural="Podcasts",
    model=Podcast,
    source="podcasts/*/index*.md",
    page=group_page,
    card=group_card,
    summary=podcast_summary,
    lists=group_list("podcast", "To listen to."),
    nav_rank=15,
    footer_rank=15,
    home=HomeBand(25, "Listen", "All podcasts"),
    feed_rank=15,
    search_weight=1.75,
)
FILES = {
    "podcasts/onde/index.md": "---\ntitle: Onde\npublished: 2025-05-01\nhost: ada\nstrand: suoni\n"
    "partners: [radio]\ntopics: [musica]\n---\nSuoni.\n",
    "podcasts/onde/index.en.md": "---\ntitle: Waves\nslug: waves\n---\nSounds.\n",
    "people/ada.md": "---\ntitle: Ada\n---\n",
    "partners/radio.md": "---\ntitle: Radio\n---\n",
    "strands/suoni.md": "---\ntitle: Suoni\n---\n",
    "topics/musica.md": "---\ntitle: Musica\n---\n",
    "pages/home.md": "---\ntitle: Inizio\n---\n",
}
ITALIAN = {"Podcast": "Trasmissione", "Podcasts": "Trasmissioni", "Listen": "Ascolta", "All podcasts": "Tutte"}


class Translated(NullTranslations):
    """Italian words for the new kind; other messages stay as they are."""

    def gettext(self, message):
        return ITALIAN.get(message, message)


LANGUAGES = {
    "it": Language("it", Translated(), ZoneInfo("Europe/Rome")),
    "en": Language("en", NullTranslations(), ZoneInfo("Europe/Rome")),
}


@pytest.fixture
def site(tmp_path):
    result = assembled(tmp_path, FILES, kinds=(*KINDS, PODCAST), languages=LANGUAGES)
    assert result.problems == ()
    return result.site


@pytest.fixture
def views(site):
    return {view.url: view for view in build_all_views(site)}


def test_a_new_kind_has_pages_in_each_language_and_a_list(views):
    assert {"/podcasts/onde/", "/en/podcasts/waves/", "/podcasts/", "/en/podcasts/"} <= {*views}


def test_a_new_kind_is_validated_and_its_references_are_checked(tmp_path):
    files = {"podcasts/onde/index.md": "---\ntitle: Onde\npublished: maggio\nhost: bob\n---\n"}

    problems = [str(problem) for problem in assembled(tmp_path, files, kinds=(*KINDS, PODCAST)).problems]

    assert any('index.md:3: published: "maggio" is not a date' in problem for problem in problems)


@pytest.mark.parametrize("url", ["/people/ada/", "/partners/radio/", "/strands/suoni/", "/topics/musica/"])
def test_a_new_kind_is_listed_on_the_pages_of_all_that_it_points_at(views, url):
    (group,) = views[url].groups
    (english,) = views[f"/en{url}"].groups

    assert (group.title, group.anchor, [card.title for card in group.cards]) == (
        "Trasmissioni",
        "part:podcast",
        ["Onde"],
    )
    assert (english.title, [card.title for card in english.cards]) == ("Podcasts", ["Waves"])


@pytest.mark.parametrize("slug", ["person/ada", "partner/radio", "topic/musica"])
def test_a_new_kind_counts_among_the_items_of_all_that_it_points_at(site, slug):
    assert site.card(Ref(*slug.split("/")), "en").meta == ("1 item",)


def test_a_new_kind_has_its_place_in_the_navigation_and_the_footer(site):
    chrome = site.chrome("it", "podcast")
    explore = chrome.footer[0]

    assert [link.text for link in chrome.nav][:3] == ["Courses", "Trasmissioni", "Videos"]
    assert [link.url for link in chrome.nav if link.is_current] == ["/podcasts/"]
    assert [link.text for link in explore.links] == ["Strands", "Trasmissioni", "Topics", "People", "Partners"]
    assert [link.text for link in site.chrome("en", "").footer[0].links][1] == "Podcasts"


def test_a_new_kind_has_a_band_of_the_home_page(views):
    bands = views["/"].bands
    band = next(band for band in bands if band.title == "Ascolta")

    assert [band.title for band in bands] == ["Learn", "Watch", "Ascolta", "Read"]
    assert ([card.title for card in band.cards], band.more.text, band.more.url) == (["Onde"], "Tutte", "/podcasts/")


def test_a_new_kind_can_be_searched_with_its_own_label_and_weight(site):
    files = written(site)

    assert ["podcast", "Trasmissioni", 1.75, 0] in index_of(files, "it")["kinds"]
    assert ["podcast", "Podcasts", 1.75, 0] in index_of(files, "en")["kinds"]
    assert [row[0] for row in shown(files, "en").values()].count("Waves") == 1


def test_a_new_kind_has_a_feed_with_its_items_on_the_page_of_feeds(site, views):
    site.register_queries({"feed-order": feed_order, "feed-items": feed_items})
    sections = views["/subscribe/"].groups[0].feeds

    assert site.feed_list("it", "kind:podcast").title == "Sito: Trasmissioni"
    assert site.feed_list("en", "kind:podcast").page_url == "https://example.edu/en/podcasts/"
    assert [feed.title for feed in sections] == ["Sito", "Courses", "Trasmissioni", "Press", "Videos"]
    for key in ("kind:podcast", "all", "ref:strand/suoni", "ref:topic/musica"):
        assert site.query("feed-items", "it", key, "0") == ("podcast/onde",)


def test_a_new_kind_is_summarised_for_other_plugins(site):
    (summary,) = [summary for summary in site.summaries("en") if summary.kind == "podcast"]

    assert summary.title == "Waves"
    assert summary.url == "https://example.edu/en/podcasts/waves/"


def test_a_new_kind_is_called_what_its_labels_say_in_both_languages(site):
    assert [site.card(Ref("podcast", "onde"), lang).kicker for lang in ("it", "en")] == ["Trasmissione", "Podcast"]
    assert [list_pages(PODCAST, site, lang)[0].heading for lang in ("it", "en")] == ["Trasmissioni", "Podcasts"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_lists_itself_without_any_items(kind):
    pages = list_pages(kind, a_site(), "it")

    assert [page.url for page in pages] == list(dict.fromkeys(page.url for page in pages))
    assert all(page.heading and page.lang == "it" for page in pages)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_names_its_records(kind):
    assert kind.model.kind == kind.name
    assert issubclass(kind.model, Record)


@pytest.mark.parametrize("rank", ["member_rank", "nav_rank", "footer_rank", "feed_rank", "item_feed_rank"])
def test_no_two_kinds_have_the_same_rank(rank):
    ranks = [getattr(kind, rank) for kind in KINDS if getattr(kind, rank) is not None]

    assert len(set(ranks)) == len(ranks) > 2
