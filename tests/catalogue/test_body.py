"""Texts on pages: links lead to URLs, pictures are published, numbers are inserted."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.builders import a_course, a_site, assembled

from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.base import Segment
from openknowledge.catalogue.views.body import BACK_TO_MARK, absolute_html, record_body, render_body
from openknowledge.content.markdown.render import READERS, render_markdown
from openknowledge.model.course import CourseWords
from openknowledge.model.values import Html, Ref
from openknowledge.rendering.locale import load_languages

LOCALE = Path(__file__).parents[2] / "theme/locale"

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
        ("{filename}/courses/algebra.it.md#runs", "/courses/algebra/#runs"),
        ("{filename}/press/algebra.md", "/courses/other/"),
        ("{filename}/courses/missing.md", "/"),
        ("{static}/press/2020/table.pdf", "/media/press/2020/table.pdf"),
        ("{static}/files/a%20b%26%23c.pdf#page=3", "/media/files/a%20b%26%23c.pdf#page=3"),
        ("{static}/a%2520b.pdf", "/media/a%2520b.pdf"),
        ("/corsi/algebra/?x=1&amp;y=2#a", "/corsi/algebra/?x=1&amp;y=2#a"),
        ("//example.org/a.pdf", "//example.org/a.pdf"),
        ("https://example.org/{filename}", "https://example.org/{filename}"),
        ("#part", "#part"),
    ],
)
def test_links_lead_to_where_their_files_are_shown(site: Site, written: str, leads: str) -> None:
    markup = '<p>{{a}}</p><a title="x > y" href="{0}" rel="y">{{b}}</a> <a href="https://a.org/">c</a>'

    assert render(site, markup.format(written)) == markup.format(leads)


def test_pictures_are_published_wherever_they_are_named(site: Site) -> None:
    markup = '<img src="{static}/a.png" alt="{static}/x"><a href="{static}/b.png"><img src="{static}/c.png"></a>'

    assert render(site, markup) == (
        '<img src="/media/a.png" alt="{static}/x"><a href="/media/b.png"><img src="/media/c.png"></a>'
    )


def test_an_address_of_the_site_counts_from_its_root_wherever_that_is() -> None:
    site = a_site(a_course("algebra"), base_path="/pok").fork()

    assert render(site, '<a href="/corsi/x/">x</a>') == '<a href="/pok/corsi/x/">x</a>'


@pytest.mark.parametrize(
    ("lang", "size_b", "note"),
    [
        ("it", 1_234_567, "(PDF, 1,2\N{NO-BREAK SPACE}MB)"),
        ("en", 1_234_567, "(PDF, 1.2\N{NO-BREAK SPACE}MB)"),
        ("it", 850_400, "(PDF, 850\N{NO-BREAK SPACE}kB)"),
        ("en", 9, "(PDF, 9\N{NO-BREAK SPACE}byte)"),
        ("en", 12_600_000_000, "(PDF, 13\N{NO-BREAK SPACE}GB)"),
    ],
)
def test_a_link_to_a_file_says_its_type_and_size_in_the_pages_language(
    site: Site, lang: str, size_b: int, note: str
) -> None:
    markup = f'<p><a data-bytes="{size_b}" href="{{static}}/a.pdf#page=2"><em>Slides</em></a>.</p>'

    (segment,) = render_body(site, Html(markup), lang, "content/x.md")

    link = '<a href="/media/a.pdf#page=2"><em>Slides</em></a>'
    assert segment.html == f'<p>{link} <span class="file-note">{note}</span>.</p>'


def test_whoever_shows_a_link_that_is_known_already_asks_for_the_same(site: Site) -> None:
    link = '<a href="{filename}/courses/algebra.it.md">x</a>'
    first, second, other = site.fork({}), site.fork({}), site.fork({})

    render(first, link)
    render(second, link, "content/press/1999/else.md")
    render(other, "<p>no link</p>")

    assert first.deps and first.deps == second.deps
    assert not other.deps


@pytest.mark.parametrize(
    ("written", "whole"),
    [
        ('<a href="#fn:1">1</a>', '<a href="https://example.edu/en/courses/x/#fn:1">1</a>'),
        ('<a class="y" href="?page=2">2</a>', '<a class="y" href="https://example.edu/en/courses/x/?page=2">2</a>'),
        ('<a href="//cdn.example.org/a">a</a>', '<a href="https://cdn.example.org/a">a</a>'),
        ('<a href="../y/#runs">y</a>', '<a href="https://example.edu/en/courses/y/#runs">y</a>'),
        ('<img src="/media/a.png" alt="src=b">', '<img src="https://example.edu/media/a.png" alt="src=b">'),
        ('<img alt="a > b" src="/a.png">', '<img alt="a > b" src="https://example.edu/a.png">'),
        ('<blockquote cite="/z/">', '<blockquote cite="https://example.edu/z/">'),
        ('<video poster="/a.png">', '<video poster="https://example.edu/a.png">'),
        (
            '<img srcset="/a.png 1x, /b.png 2x">',
            '<img srcset="https://example.edu/a.png 1x, https://example.edu/b.png 2x">',
        ),
        ('<a href="/?a=1&amp;b=2">', '<a href="https://example.edu/?a=1&amp;b=2">'),
        ('<a href="/a/../b/">', '<a href="https://example.edu/b/">'),
        ('<a href="/a/./b/.c/">', '<a href="https://example.edu/a/b/.c/">'),
        ('<a href="/a//b#c">', '<a href="https://example.edu/a//b#c">'),
        (
            '<img srcset="https://example.org/a.png 1x, b.png 2x">',
            '<img srcset="https://example.org/a.png 1x, https://example.edu/en/courses/x/b.png 2x">',
        ),
        ('<q cite="https://example.org/a" title="b">', '<q cite="https://example.org/a" title="b">'),
    ],
)
def test_every_address_in_a_feed_is_whole_and_means_what_it_means_on_the_page(written: str, whole: str) -> None:
    body = (Segment(html=Html(written)),)

    assert absolute_html(a_site(), body, "en", "/en/courses/x/") == whole


@pytest.mark.parametrize(
    "written",
    [
        '<a href="mailto:a@example.org">a</a>',
        '<a href="tel:+390212345">b</a>',
        '<a href="https://example.org/#c">c</a>',
        '<a href="http://[broken/">d</a>',
        '<code>&lt;a href="#fn:1"&gt; src="/x"</code>',
        '<p>href="#a" 1 < 2</p>',
    ],
)
def test_what_is_whole_or_no_address_stays_as_it_is_in_feeds(written: str) -> None:
    assert absolute_html(a_site(), (Segment(html=Html(written)),), "en", "/x/") == written


FOOTNOTES = {
    "courses/a/index.md": "---\ntitle: A\n---\nUno[^1], due[^x].\n\n[^1]: Nota.\n[^x]: Altra.\n",
    "courses/a/index.en.md": "---\ntitle: A\n---\nOne[^1].\n\n[^1]: A note.\n",
    "courses/b/index.md": "---\ntitle: B\n---\nTre[^1].\n\n[^1]: Nota.\n",
}


@pytest.mark.parametrize(
    ("slug", "lang", "names"),
    [
        ("a", "it", ["Torna al richiamo della nota 1", "Torna al richiamo della nota 2"]),
        ("a", "en", ["Jump back to footnote 1 in the text"]),
        ("b", "en", ["Jump back to footnote 1 in the text"]),
    ],
)
def test_footnotes_lead_back_in_words_of_the_pages_language(
    tmp_path: Path, slug: str, lang: str, names: list[str]
) -> None:
    site = assembled(tmp_path, FOOTNOTES, languages=load_languages(LOCALE, ("it", "en"), "Europe/Rome", {})).site
    body = record_body(site, site.record(Ref("course", slug)), lang)

    assert re.findall(rf'title="([^"]*)" lang="{lang}" dir="ltr"', "".join(part.html for part in body)) == names


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ('<p lang="ar">x</p>', '<p lang="ar" dir="rtl">x</p>'),
        ('<span class="y" lang="he">x</span>', '<span class="y" lang="he" dir="rtl">x</span>'),
        ('<p lang="en" title="a &gt; b">x</p>', '<p lang="en" dir="ltr" title="a &gt; b">x</p>'),
        ('<p lang="ar" dir="ltr">x</p>', '<p lang="ar" dir="ltr">x</p>'),
        ('<code>&lt;p lang="ar"&gt;</code>', '<code>&lt;p lang="ar"&gt;</code>'),
        ('<p>lang="ar"</p>', '<p>lang="ar"</p>'),
    ],
)
def test_words_that_an_editor_marks_with_a_language_get_its_direction(site: Site, written: str, shown: str) -> None:
    assert render(site, written) == shown


@pytest.mark.parametrize("lang", ["ar", "he", "fa"])
def test_a_text_from_right_to_left_is_one_in_a_feed_as_well(lang: str) -> None:
    words = {lang: CourseWords(title="A", body=Html("<p>x</p>"))}
    site = a_site(
        a_course("a", words=words), a_course("b", words={"it": CourseWords(title="B", body=Html("<p>y</p>"))})
    )

    contents = [site.fork().summary(Ref("course", slug), "it").content for slug in ("a", "b")]

    assert contents == [f'<div lang="{lang}" dir="rtl"><p>x</p></div>', "<p>y</p>"]


@pytest.mark.parametrize("reader", READERS)
def test_both_readers_write_what_is_put_into_the_pages_language(reader: str) -> None:
    markup = render_markdown("A[^1].\n\n[^1]: B.\n", reader).html

    assert BACK_TO_MARK.search(markup)
