"""The pattern page: each component of the theme in its states, taken out of the pages that test the templates.

`python -m tests.theme.pattern OUTPUT` prints it with the stylesheets of a built site; a preview has it at `/pattern/`.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from pathlib import Path

from lxml import html
from tests.theme.pages import all_pages
from tests.theme.rendering import THEME, an_environment, render

COMPONENTS = sorted(path.stem for path in (THEME / "static/css/components").glob("*.css"))
MOST_STATES = 6
"""How many states of a component are shown; more are of what is inside it, which has a place of its own."""
ELEMENTS = html.etree.Element
STATE_OF = ("class", "data-tone", "aria-current", "lang")
"""The attributes by which states of a component differ."""
REFERENCES = ("id", "for", "popovertarget", "aria-labelledby", "aria-describedby")
PAGE = """<!doctype html>
<html lang="it"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pattern</title><meta name="robots" content="noindex">{links}</head><body><main class="page">
<h1 class="title">Pattern</h1>{sections}</main></body></html>"""
SECTION = """<section class="band" id="pattern:{name}"><div class="band-head"><h2 class="band-title">{name}</h2></div>
<div class="band-body">{states}</div></section>"""
STATE = """<p class="band-intro">{example}</p><div class="reading-text{length}">{markup}</div>"""
LENGTH = "title-of-length"
"""The class of pages with long titles."""


def pattern_page(links: Sequence[str], picture: str = "") -> str:
    """Return the page; `links` are the addresses of stylesheets and scripts, `picture` stands for all pictures."""
    sections = []
    for name, found in states().items():
        shown = (
            STATE.format(example=escape(example), markup=markup, length=f" {LENGTH}" if is_long else "")
            for example, markup, is_long in found
        )
        sections.append(SECTION.format(name=name, states="".join(shown)))
    page = PAGE.format(links="".join(map(_link, links)), sections="".join(sections))
    return re.sub(r'(<img[^>]* src=")[^"]*', rf"\g<1>{picture}", page)


@cache
def states() -> dict[str, list[tuple[str, str, bool]]]:
    """Return each component in its states: the example that each is from, markup, and whether its title is long."""
    environment = an_environment()
    pages = {name: html.document_fromstring(render(view, environment)) for name, view in all_pages().items()}
    found: dict[str, dict[tuple[str, ...], tuple[str, str, bool]]] = {name: {} for name in COMPONENTS}
    number = 0
    for name, known in found.items():
        for example, page in pages.items():
            is_long = name == "title" and bool(page.find_class(LENGTH))
            for element in _parts(page, name):
                _name_language(element)
                parts = (" ".join(map(str, (one.tag, *map(one.get, STATE_OF)))) for one in element.iter(ELEMENTS))
                shape = (str(is_long), *parts)
                if shape not in known and len(known) < MOST_STATES:
                    number += 1
                    known[shape] = example, _markup(element, number), is_long
    return {name: list(known.values()) for name, known in found.items() if known}


def _parts(page: html.HtmlElement, component: str) -> Iterator[html.HtmlElement]:
    """Yield the outermost elements of a component on a page."""
    whole = page.xpath("//body//*[contains(concat(' ', @class, ' '), $word)]", word=f" {component} ")
    pieces = page.xpath("//body//*[starts-with(@class, $start)]", start=f"{component}-")
    parts = whole or pieces
    for element in parts:
        if not any(above in parts for above in element.iterancestors()):
            yield element


def _name_language(element: html.HtmlElement) -> None:
    """Give an element the language of the part of the page that it is taken from."""
    around = (one for one in element.iterancestors() if one.tag != "html" and one.get("lang") is not None)
    near = next(around, None)
    if near is not None and element.get("lang") is None:
        element.set("lang", near.get("lang"))
        element.set("dir", near.get("dir", "auto"))


def _markup(element: html.HtmlElement, number: int) -> str:
    """Return an element with ids of its own."""
    for one in element.iter(ELEMENTS):
        for name in REFERENCES:
            if name in one.attrib:
                one.set(name, " ".join(f"{word}-{number}" for word in one.get(name).split()))
    return str(html.tostring(element, encoding="unicode", with_tail=False))


def _link(address: str) -> str:
    if address.endswith(".js"):
        return f'<script type="module" src="{address}"></script>'
    return f'<link rel="stylesheet" href="{address}">'


if __name__ == "__main__":
    theme = Path(sys.argv[1], "theme")
    files = [
        *theme.glob("site.*.css"),
        *theme.glob("texts.*.css"),
        *sorted(theme.glob("pages/*.css")),
        *theme.glob("main.*.js"),
    ]
    links = [f"/theme/{file.relative_to(theme)}" for file in files]
    pictures = sorted(theme.parent.glob("covers/course/*.svg"))
    cover = f"/{pictures[0].relative_to(theme.parent)}" if pictures else ""
    sys.stdout.buffer.write(pattern_page(links, cover).encode())
