"""Pages speak one language: their own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel.messages.pofile import read_po
from lxml import html
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
