"""Every template, with all its parts and with none, gives a page that a strict reader accepts."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib
import pytest
from tests.theme.learning_pages import course, video
from tests.theme.list_pages import a_list, a_video_list, home
from tests.theme.pages import all_pages
from tests.theme.plain_pages import search
from tests.theme.rendering import THEME, render, the_environment
from tests.theme.samples import a_card, a_chrome, a_group, a_picture, a_sample_number

from openknowledge.content.markdown.render import sanitize

ENVIRONMENT = the_environment()
PAGES = all_pages()
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


def parsed(html: str) -> Element:
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)


@pytest.fixture(params=PAGES, scope="module")
def page(request: pytest.FixtureRequest) -> Element:
    return parsed(render(PAGES[request.param], ENVIRONMENT))


def test_every_page_template_is_among_the_samples() -> None:
    templates = {path.name for path in (THEME / "templates").glob("*.html")} - {"base.html"}

    assert templates == {view.template for view in PAGES.values()}


def test_a_page_has_a_single_first_heading_and_skips_no_level(page: Element) -> None:
    levels = [HEADINGS.index(element.tag) + 1 for element in page.iter() if element.tag in HEADINGS]

    main = page.find("body/main")
    assert main is not None
    inside = [HEADINGS.index(element.tag) + 1 for element in main.iter() if element.tag in HEADINGS]
    assert inside.count(1) == levels.count(1) == 1
    assert inside[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_ids_are_unique_and_all_references_to_them_resolve(page: Element) -> None:
    ids = [element.get("id") for element in page.iter() if element.get("id")]
    pointers = [value for element in page.iter() for value in pointed_at(element)]

    assert len(ids) == len(set(ids))
    assert set(pointers) <= set(ids)


def test_no_part_of_a_text_can_take_the_id_that_something_points_to(page: Element) -> None:
    pointers = {value for element in page.iter() for value in pointed_at(element)}

    assert [one for one in sorted({"part:main", *pointers}) if "id=" in sanitize(f'<p id="{one}">x</p>')] == []


def pointed_at(element: Element) -> list[str]:
    values = [element.get(name, "") for name in ("for", "popovertarget", "aria-labelledby", "aria-describedby")]
    return [value for names in values for value in names.split()]


def test_a_page_needs_no_inline_script_or_style(page: Element) -> None:
    for element in page.iter():
        assert element.tag != "style"
        assert element.get("style") is None
        assert not [name for name in element.attrib if name.startswith("on")]
        if element.tag == "script" and element.attrib != {"type": "application/ld+json"}:
            assert element.get("src")
            assert not (element.text or "").strip()


def test_the_skip_link_is_first_and_leads_to_the_content(page: Element) -> None:
    body = page.find("body")
    assert body is not None

    assert body[0].get("href") == "#part:main"


def test_pictures_say_their_size_and_their_alternative_text(page: Element) -> None:
    for image in page.iter("img"):
        assert image.get("alt") is not None
        assert image.get("width") and image.get("height")


def test_the_covers_of_the_first_screen_of_a_list_are_not_lazy() -> None:
    cards = (a_card(picture=a_picture()),) * 9
    pages = (a_list(cards=cards), a_video_list(groups=(a_group("2020", cards), a_group("2019", cards))))

    loading = [re.findall(r'(fetchpriority="high"|loading="lazy")', render(page, ENVIRONMENT)) for page in pages]

    assert [all_of.count('fetchpriority="high"') for all_of in loading] == [3, 4]
    assert [len(all_of) for all_of in loading] == [9, 18]


def test_links_and_buttons_are_never_inside_each_other(page: Element) -> None:
    for outer in page.iter():
        if outer.tag in ("a", "button"):
            inner = [element.tag for element in outer.iter() if element is not outer]
            assert not {"a", "button", "input"} & set(inner)


def test_words_of_editors_are_escaped() -> None:
    html = render(course(heading="<script>alert(1)</script>", abstract='"><b>'), ENVIRONMENT)

    assert "<script>alert" not in html
    assert "<b>" not in html


def test_a_number_has_its_definition_source_and_date_within_reach_without_script() -> None:
    html = render(course(), ENVIRONMENT)

    button = re.search(r'<button class="number-value" type="button"([^>]*)>12.431</button>', html)
    assert button and button[1] == ' popovertarget="note:enrolment" aria-describedby="part:number"'
    assert re.search(r'<span class="number-note" id="note:enrolment" popover>', html)
    assert a_sample_number().definition in html
    assert "sample data" in html
    assert '<time class="number-day" datetime="2020-06">' in html


def test_a_number_that_can_be_refreshed_says_from_where() -> None:
    html = render(course(), ENVIRONMENT)

    assert '<live-counter class="number" data-src="/data/counters/gestire-il-cambiamento.json"' in html


def test_a_video_is_a_link_and_a_local_picture_until_it_is_played() -> None:
    html = render(video(), ENVIRONMENT)

    assert "<iframe" not in html
    assert '<a class="player-link" href="https://www.youtube.com/watch?v=Yfac2CZJrP0">' in html
    assert not re.search(r'\s(?:src|srcset|poster)="https?:', html)


def test_a_search_field_is_there_only_where_search_is() -> None:
    without, with_search = home(), home(chrome=a_chrome(search_url="/cerca/"))

    assert "<form" not in render(without, ENVIRONMENT)
    assert '<form class="search" action="/cerca/" method="get"' in render(with_search, ENVIRONMENT)


def test_the_search_page_says_without_script_that_it_needs_one_and_leads_on_by_links() -> None:
    html = render(search(), ENVIRONMENT)

    assert re.search(r"<noscript><p[^>]*>Searching needs JavaScript", html)
    assert '<a href="/corsi/">Tutti i corsi</a>' in html
    assert 'data-count-one="%(number)s risultato per «%(query)s»"' in html


def test_the_masthead_says_that_the_search_page_is_the_current_one() -> None:
    assert '<a class="masthead-search" href="/cerca/" rel="search" aria-current="page">' in render(
        search(), ENVIRONMENT
    )


def test_a_page_without_an_alternate_in_the_default_language_is_the_default_itself() -> None:
    html = render(course(), ENVIRONMENT)

    assert 'hreflang="x-default" href="https://example.org/corsi/gestire-il-cambiamento/">' in html
