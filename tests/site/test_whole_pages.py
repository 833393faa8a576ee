"""A whole page of each template as the small site has it; a change to one is read in review."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree, html
from tests.site.small import FILES, ROOT, build, small_content
from tests.theme.test_words import entries

PAGES = {
    "404": "404.html",
    "a-z": "en/search/letter/n/index.html",
    "course": "corsi/algebra/index.html",
    "feeds": "en/feeds/index.html",
    "gone": "en/topics/old/index.html",
    "group": "en/topics/numbers/index.html",
    "history": "corsi/algebra/andamento/index.html",
    "home": "index.html",
    "hub": "en/imparare/webinars/incontro/index.html",
    "initiative": "imparare/index.html",
    "list": "corsi/index.html",
    "moved": "courses/course-v1:T+ALG+2026/about/index.html",
    "moved-courses": "course/view.php/index.html",
    "numbers": "numeri/index.html",
    "page": "privacy/index.html",
    "playlist": "video/playlist/lezioni/index.html",
    "press": "stampa/2025/cento-corsi/index.html",
    "programme": "programmi/scuole/index.html",
    "search": "cerca/index.html",
    "video": "video/lezione/index.html",
}
"""The page that stands for each template, some of them in English with words still in Italian."""

PLAYLIST = {
    "course": "algebra",
    "description": "In ordine.",
    "published": "2025-03-02T08:00:00Z",
    "sample": True,
    "slug": "lezioni",
    "text_lang": "it",
    "title": "Lezioni",
    "videos": ["lezione", "lezione-due"],
}
VIDEO = {
    "course": "algebra",
    "description": "La seconda.",
    "published": "2025-03-02T08:00:00Z",
    "sample": True,
    "slug": "lezione-due",
    "title": "Lezione due",
}

ENGLISH = {
    text
    for _message, originals, translated in entries(ROOT / "theme/locale/it/LC_MESSAGES/messages.po")
    for text in set(originals) - set(translated)
}
"""The messages that Italian says otherwise."""

GONE = "- {from: /en/topics/old/, gone: true, why: {it: Non serviva., en: Nobody needed it.}}\n"
MOODLE = "---\nruns: [{key: GEO, label: Autunno, moodle_id: 12}]\n"

WHOLE_SITE = {
    "snapshots/sample/playlists.jsonl": json.dumps(PLAYLIST) + "\n",
    "snapshots/sample/videos.jsonl": json.dumps(VIDEO) + "\n",
    "redirects.yaml": GONE,
    "courses/geometria/index.md": FILES["courses/geometria/index.md"].replace("---\n", MOODLE, 1),
}
"""The files that the small site has in addition, so that it has every template."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    done = build(small_content(folder, WHOLE_SITE), folder / "output")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "output"


def test_every_template_has_such_a_page() -> None:
    assert set(PAGES) == {path.stem for path in (ROOT / "theme/templates").glob("*.html")} - {"base"}


@pytest.mark.parametrize("template", sorted(PAGES))
def test_a_whole_page_is_as_it_was(site: Path, golden: Callable[[str, bytes], None], template: str) -> None:
    page = (site / PAGES[template]).read_bytes()

    golden(f"pages/{template}.html", without_fingerprints(page))


@pytest.mark.parametrize("template", sorted(PAGES))
def test_an_italian_page_has_no_message_in_english(site: Path, template: str) -> None:
    """Nor has any page what stands for a message that was put in later."""
    page = html.fromstring((site / PAGES[template]).read_bytes())

    assert [text for text, lang in texts_of(page) if lang == "it" and text in ENGLISH] == []
    assert not re.search(r"%\(\w+\)s|\bN?_\(|gettext", page.text_content())


def texts_of(page: html.HtmlElement) -> Iterator[tuple[str, str | None]]:
    """Yield each text of a page with its language, also those of labels and titles."""
    for element in page.iter(etree.Element):
        lang = next((one.get("lang") for one in (element, *element.iterancestors()) if one.get("lang")), None)
        for text in (element.text, element.get("aria-label"), element.get("title"), element.get("alt")):
            yield (text or "").strip(), lang
        parent = element.getparent()
        if parent is not None:
            above = next((one.get("lang") for one in (parent, *parent.iterancestors()) if one.get("lang")), None)
            yield (element.tail or "").strip(), above


def without_fingerprints(page: bytes) -> bytes:
    """Return the page without those parts of file names that change with every edit of a style or script."""
    return re.sub(rb"(/theme/[\w/-]+)\.[0-9a-f]{8}\.", rb"\1.", page)
