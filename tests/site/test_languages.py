"""Pages speak one language: their own, whatever its tag; and the feeds of all of them stand by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from lxml import etree, html
from tests.site.small import ROOT, SiteBuild

CATALOGUE = ROOT / "theme/locale/it/LC_MESSAGES/messages.po"
PLACEHOLDER = re.compile(r"%\\\(\w+\\\)s")
SHOWN = ("title", "alt", "aria-label", "aria-description", "placeholder", "content", "value", "label")
OF_ELEMENTS = ("data-nothing", "data-loading", "data-failed", "data-label", "data-text")


def english_messages() -> re.Pattern[str]:
    """Return a pattern of each message that Italian says in other words."""
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="it") if message.id]
    texts = {
        text
        for message in messages
        for text in (message.id if isinstance(message.id, tuple) else (message.id,))
        if text not in (message.string if isinstance(message.string, tuple) else (message.string,))
        and re.search(r"[a-z]{3}", re.sub(r"%\(\w+\)s", "", text))
    }
    return re.compile("|".join(PLACEHOLDER.sub(".+", re.escape(text)) for text in sorted(texts)), re.DOTALL)


def shown_texts(page: html.HtmlElement) -> Iterator[str]:
    """Yield the texts of a page that are in its own language."""
    for element in page.iter("*"):
        own = next((parent.get("lang") for parent in (element, *element.iterancestors()) if parent.get("lang")), "")
        inner = element.text if element.tag not in ("script", "style") else None
        around = element.getparent()
        if own == page.get("lang"):
            yield from (element.get(name) or "" for name in (*SHOWN, *OF_ELEMENTS))
            yield inner or ""
        if around is not None:
            outer = next((one.get("lang") for one in (around, *around.iterancestors()) if one.get("lang")), "")
            yield (element.tail or "") if outer == page.get("lang") else ""


def test_no_italian_page_has_an_english_message(small_site: SiteBuild) -> None:
    english, seen = english_messages(), 0
    found = []
    for path in sorted(small_site.output.rglob("*.html")):
        page = html.fromstring(path.read_text("utf-8"))
        if page.get("lang") != "it":
            continue
        seen += 1
        texts = {" ".join(text.split()) for text in shown_texts(page)}
        found += [(path.relative_to(small_site.output).as_posix(), text) for text in texts if english.fullmatch(text)]

    assert seen > 20
    assert found == []


def untranslated(site: SiteBuild) -> set[str]:
    """Return the titles of which the content has the Italian words alone, but for names of people and partners."""
    files = [path for path in site.content.rglob("*.md") if path.parent.name not in ("people", "partners")]
    own = {path: re.search(r'^title: *"?(.*?)"?$', path.read_text("utf-8"), re.MULTILINE) for path in files}
    is_alone = {path: len([*path.parent.glob(f"{path.name.partition('.')[0]}.*md")]) == 1 for path in files}
    return {title[1] for path, title in own.items() if title and is_alone[path] and not path.name.endswith(".en.md")}


@pytest.mark.parametrize("name", ["small_site", "foreign_site"])
def test_a_title_in_another_language_says_so_wherever_a_page_shows_it(
    request: pytest.FixtureRequest, name: str
) -> None:
    """On cards, in lists, crumbs, navigation, filters, numbers, feeds: WCAG 2.2, 3.1.2."""
    site: SiteBuild = request.getfixturevalue(name)
    titles, found, seen = untranslated(site), [], set[str]()
    whole = re.compile("|".join(rf"(?:^|· ){re.escape(title)}(?:$| ·)" for title in sorted(titles)))
    for path in sorted(site.output.rglob("*.html")):
        page = html.fromstring(path.read_text("utf-8"))
        if page.get("lang") in ("it", None):
            continue
        for element in page.iter("*"):
            if element.tag in ("script", "style", "meta"):
                continue
            for text, holder in ((element.text, element), (element.tail, element.getparent())):
                shown = whole.search(" ".join((text or "").split()))
                if shown is None or holder is None:
                    continue
                own = next((one.get("lang") for one in (holder, *holder.iterancestors()) if one.get("lang")), "")
                seen.add(holder.get("class") or holder.tag)
                found += [] if own == "it" else [(path.name, shown[0], holder.tag, holder.get("class"))]

    assert len(titles) > 3 and len(seen) > 5
    assert found == []


def read_html(site: SiteBuild, path: str) -> html.HtmlElement:
    return html.fromstring((site.output / path).read_text("utf-8"))


def test_a_language_with_a_script_in_its_tag_has_pages_feeds_and_names_of_its_own(foreign_site: SiteBuild) -> None:
    page = read_html(foreign_site, "zh-Hant/courses/jihe/index.html")
    switch = {link.get("lang"): (link.text, link.get("dir")) for link in page.cssselect(".switch a")}
    alternates = [link.get("hreflang") for link in page.cssselect("link[rel=alternate][hreflang]")]
    feed = (foreign_site.output / "zh-Hant/feeds/course.atom.xml").read_text("utf-8")

    assert (page.get("lang"), page.get("dir")) == ("zh-Hant", "ltr")
    assert switch == {"it": ("Italiano", "ltr"), "en": ("English", "ltr"), "ar": ("العربية", "rtl")}
    assert sorted(alternates) == ["ar", "en", "it", "x-default", "zh-Hant"]
    assert 'xml:lang="zh-Hant"' in feed and "幾何學" in feed
    assert page.findtext(".//h1") == "幾何學"


def test_a_page_from_right_to_left_marks_what_is_in_another_direction(foreign_site: SiteBuild) -> None:
    page = read_html(foreign_site, "ar/courses/geometria/index.html")
    marked = {(one.get("lang"), one.get("dir")) for one in page.cssselect("[lang]")}

    assert (page.get("lang"), page.get("dir")) == ("ar", "rtl")
    assert {("it", "ltr"), ("en", "ltr"), ("zh-Hant", "ltr")} <= marked
    assert all(one.get("dir") for one in page.cssselect("[lang]"))


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("corsi", "italiano cinese_semplificato cinese_tradizionale portoghese portoghese_brasiliano"),
        ("en/courses", "Italian Simplified_Chinese Traditional_Chinese Portuguese Brazilian_Portuguese"),
    ],
)
def test_languages_of_courses_have_names_of_their_own_in_facts_and_filters(
    foreign_site: SiteBuild, path: str, names: str
) -> None:
    facts = read_html(foreign_site, f"{path}/geometria/index.html").text_content()
    filters = [link.text for link in read_html(foreign_site, f"{path}/index.html").cssselect(".facets a")]

    for name in names.replace("_", "\0").split(" "):
        shown = name.replace("\0", " ")
        assert shown.lower() in facts.lower()
        assert shown[0].upper() + shown[1:] in filters


def test_a_list_is_in_the_order_of_the_language_and_not_of_code_points(foreign_site: SiteBuild) -> None:
    titles = read_html(foreign_site, "temi/index.html").cssselect(".card-title")

    assert [title.text_content() for title in titles] == ["Ética", "fisica", "Numeri", "Zero"]


def test_a_course_is_found_by_its_code_in_every_language(foreign_site: SiteBuild) -> None:
    for lang in ("it", "en", "ar", "zh-Hant"):
        pieces = (foreign_site.output / f"data/search/{lang}").glob("words-g*.json")
        assert any('"geo303"' in piece.read_text("utf-8") for piece in pieces)


@pytest.mark.parametrize("name", ["small_site", "foreign_site"])
def test_every_address_in_every_feed_is_whole(request: pytest.FixtureRequest, name: str) -> None:
    """Feed readers have no page that a relative address could belong to."""
    site: SiteBuild = request.getfixturevalue(name)
    paths = sorted(site.output.rglob("*.xml"))
    found = [
        (path.name, value)
        for path in paths
        for holder in etree.parse(path).iter()
        for value in (*addresses_of(holder), *(url for text in markup_of(holder) for url in addresses_in(text)))
        if not re.match(r"https?://[^/]+/|mailto:|tel:", value)
    ]

    assert len(paths) > 20
    assert found == []


def markup_of(element: etree._Element) -> list[str]:
    """Return the markup that an element of a feed holds as text."""
    is_markup = element.get("type") == "html" or str(element.tag).endswith(("encoded", "description"))
    return [element.text] if is_markup and element.text else []


def addresses_in(markup: str) -> list[str]:
    page = html.fragment_fromstring(markup, create_parent=True)
    return [value for element in page.iter() for value in addresses_of(element)]


def addresses_of(element: etree._Element) -> list[str]:
    return [value for name in ("href", "src", "cite", "poster", "url", "data") if (value := element.get(name))]


def test_what_a_language_lacks_is_told_in_the_build(foreign_site: SiteBuild) -> None:
    lines = [line for line in foreign_site.stdout.splitlines() if "of the interface" in line]

    assert [line.partition("theme/locale/")[2] for line in lines] == [
        f"{lang}/LC_MESSAGES/messages.po: all messages of the interface are shown in English"
        for lang in ("ar", "zh-Hant")
    ]
