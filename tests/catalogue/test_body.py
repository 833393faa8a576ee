"""Texts on pages: links lead to URLs, pictures are published, numbers are inserted."""

from __future__ import annotations

import pytest
from tests.builders import a_course, a_site

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.body import render_body
from openknowledge.model.values import Html, Ref

FILES = {"content/courses/algebra.it.md": Ref("course", "algebra"), "content/press/algebra.md": Ref("course", "other")}


@pytest.fixture
def site() -> Site:
    return a_site(a_course("algebra"), a_course("other"), file_index=FILES).fork()


def render(site: Site, markup: str, path: str = "content/press/2020/news.md") -> str:
    return "".join(segment.html for segment in render_body(site, Html(markup), "it", path))


@pytest.mark.parametrize(
    ("written", "leads"),
    [
        ("{filename}/courses/algebra.it.md", "/courses/algebra/"),
        ("{filename}../../courses/algebra.it.md#runs", "/courses/algebra/#runs"),
        ("{filename}../algebra.md", "/courses/other/"),
        ("{filename}/courses/missing.md", "/"),
        ("{static}table.pdf", "/media/press/2020/table.pdf"),
        ("{attach}/files/a%20b&amp;c.pdf", "/media/files/a%2520b%26c.pdf"),
        ("https://example.org/{filename}", "https://example.org/{filename}"),
        ("#part", "#part"),
    ],
)
def test_links_lead_to_where_their_files_are_shown(site: Site, written: str, leads: str) -> None:
    markup = '<p>{{a}}</p><a title="x" href="{0}" rel="y">{{b}}</a> <a href="https://a.org/">c</a>'

    assert render(site, markup.format(written)) == markup.format(leads)


def test_pictures_are_published_wherever_they_are_named(site: Site) -> None:
    markup = '<img src="a.png" alt="{static}"><img alt="" src="/b.png"><a href="{static}a.png"><img src="../c.png"></a>'

    assert render(site, markup) == (
        '<img src="/media/press/2020/a.png" alt="{static}"><img alt="" src="/media/b.png">'
        '<a href="/media/press/2020/a.png"><img src="/media/press/c.png"></a>'
    )


def test_the_same_target_leads_elsewhere_from_another_folder(site: Site) -> None:
    link = '<a href="{filename}../algebra.md">x</a>'

    assert render(site, link) == '<a href="/courses/other/">x</a>'
    assert render(site, link, "content/press/news.md") == '<a href="/">x</a>'


def test_whoever_shows_a_link_that_is_known_already_asks_for_the_same(site: Site) -> None:
    link = '<a href="{filename}/courses/algebra.it.md">x</a>'
    first, second, other = site.fork({}), site.fork({}), site.fork({})

    render(first, link)
    render(second, link, "content/press/1999/else.md")
    render(other, "<p>no link</p>")

    assert first.deps and first.deps == second.deps
    assert not other.deps
