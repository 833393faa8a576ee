"""A kind of content is one file, one line and one template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import pytest
from tests.builders import a_site, assembled, list_pages

from openknowledge.catalogue.kinds import KINDS
from openknowledge.catalogue.kinds.group import group_card, group_list, group_page, group_summary
from openknowledge.catalogue.kinds.kind import Kind
from openknowledge.catalogue.page_rules import build_all_views
from openknowledge.model.values import PersonSlug, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Podcast(Record):
    """A kind that the catalogue has never heard of."""

    kind: ClassVar[str] = "podcast"

    published: date
    host: PersonSlug | None = None


def podcast_page(podcast, site, lang):
    return group_page(podcast, site, lang, label="Podcast", above=("Podcasts", "podcasts"))


def podcast_card(podcast, site, lang):
    return group_card(podcast, site, lang, label="Podcast")


PODCAST = Kind(
    name="podcast",
    plural="podcasts",
    label="Podcast",
    label_plural="Podcasts",
    model=Podcast,
    source="podcasts/*/index*.md",
    page=podcast_page,
    card=podcast_card,
    summary=group_summary,
    lists=group_list("podcast", "podcasts", "Podcasts", "To listen to."),
    has_feed=True,
)
FILES = {
    "podcasts/onde/index.md": "---\ntitle: Onde\npublished: 2025-05-01\nhost: ada\n---\nSuoni.\n",
    "podcasts/onde/index.en.md": "---\ntitle: Waves\nslug: waves\n---\nSounds.\n",
    "people/ada.md": "---\ntitle: Ada\n---\n",
}


@pytest.fixture
def site(tmp_path):
    found = assembled(tmp_path, FILES, kinds=(*KINDS, PODCAST))
    assert found.problems == ()
    return found.site


def test_a_new_kind_has_pages_in_each_language_and_a_list(site):
    urls = {view.url for view in build_all_views(site)}

    assert {"/podcasts/onde/", "/en/podcasts/waves/", "/podcasts/", "/en/podcasts/"} <= urls


def test_a_new_kind_is_validated_and_its_references_are_checked(tmp_path):
    files = {"podcasts/onde/index.md": "---\ntitle: Onde\npublished: maggio\nhost: bob\n---\n", **PERSON}

    found = [str(problem) for problem in assembled(tmp_path, files, kinds=(*KINDS, PODCAST)).problems]

    assert any('index.md:3: published: "maggio" is not a date' in problem for problem in found)


PERSON = {"people/ada.md": FILES["people/ada.md"]}


def test_a_new_kind_has_a_feed(site):
    assert "kind:podcast" in {one.key for one in site.feed_lists("it")}


def test_a_new_kind_is_summarised_for_other_plugins(site):
    (summary,) = [one for one in site.summaries("en") if one.kind == "podcast"]

    assert summary.title == "Waves"
    assert summary.url == "https://example.edu/en/podcasts/waves/"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_lists_itself_without_any_items(kind):
    pages = list_pages(kind, a_site(), "it")

    assert [page.url for page in pages] == list(dict.fromkeys(page.url for page in pages))
    assert all(page.heading and page.lang == "it" for page in pages)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_names_its_records(kind):
    assert kind.model.kind == kind.name
    assert issubclass(kind.model, Record)
