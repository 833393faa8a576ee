"""What docs/editors.md shows of code, boxes, tables and pictures is what pages and feeds have."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.builders import assembled
from tests.rebuilding.workshop import a_picture

from openknowledge.catalogue.views.body import absolute_html, record_body
from openknowledge.model.values import Ref
from openknowledge.rendering.locale import load_languages

ROOT = Path(__file__).parents[3]
SECTIONS = (
    (ROOT / "docs/editors.md").read_text("utf-8").partition("\n### Code\n")[2].partition("\n### What is not shown\n")[0]
)
EXAMPLES = [text for _, text in re.findall(r"^(`{3,})markdown\n(.*?)^\1$", SECTIONS, re.DOTALL | re.MULTILINE)]
SHOWN = {
    "```python title": (
        '<figure class="code"><figcaption>sum.py</figcaption>',
        '<mark>    total += number  <span class="code-comment"># 45</span></mark>',
        'data-copy="Copia"',
    ),
    "!!! warning": (
        '<div class="admonition warning">\n<p class="admonition-title">Before you begin</p>',
        '<p class="admonition-title">Esercizio 1</p>',
        '<summary class="admonition-title">Soluzione</summary>\n<p>It is <strong>42</strong>.</p>\n</details>',
    ),
    "!!! theorem": (
        '<div class="admonition theorem" id="thm:pythagoras">\n<p class="admonition-title">Teorema 1 (Pythagoras)</p>',
        '<p class="admonition-title">Dimostrazione</p>\n<p>It follows from <a href="#thm:heights">Lemma 1</a>.</p>',
    ),
    "<details>": (
        '<summary class="admonition-title">Solution</summary>\n<p>It is <strong>42</strong>.</p>\n</details>',
    ),
    "| week": (
        "<caption>Hours and rooms. <em>They may still change.</em></caption>",
        '<th class="align-right">hours</th>',
        '<th scope="row">first</th>\n<td class="align-right">4</td>\n<td class="align-center">B2</td>',
        'role="region" tabindex="0" aria-label="Tabella 1"',
    ),
    "![a blackboard": (
        "<figcaption>The first lesson <span",
        '<a href="https://unsplash.com/">Ada Rossi, Unsplash</a>',
    ),
}
"""What the page has of each example, which is known by its beginning."""
ONLY_ON_PAGES = ("data-copy", "role=")
COLOUR = re.compile(r'<span class="code-[a-z]+">([^<]*)</span>')


PICTURE = a_picture(8, 10)


@pytest.mark.parametrize("beginning", SHOWN)
def test_an_example_is_shown_on_the_page_and_in_the_feed(beginning: str, tmp_path: Path) -> None:
    (text,) = [example for example in EXAMPLES if example.startswith(beginning)]
    files: dict[str, str | bytes] = {"courses/a/index.md": f"---\ntitle: A\n---\n{text}"}
    files["courses/a/blackboard.jpg"] = PICTURE
    languages = load_languages(ROOT / "theme/locale", ("it", "en"), "Europe/Rome", {})
    result = assembled(tmp_path, files, languages=languages)
    site = result.site

    body = record_body(site, site.record(Ref("course", "a")), "it")
    page = "".join(segment.html for segment in body).replace("\N{NO-BREAK SPACE}", " ")
    feed = absolute_html(site, body, "it", "/corsi/a/").replace("\N{NO-BREAK SPACE}", " ")

    assert not result.problems
    for part in SHOWN[beginning]:
        assert part in page
        absolute = part.replace('href="#', 'href="https://example.edu/corsi/a/#')
        assert COLOUR.sub(r"\1", absolute) in feed or part.startswith(ONLY_ON_PAGES)
    assert not re.search("code-comment|copy-text|tabindex|data-copy", feed)


def test_every_example_is_one_of_these() -> None:
    assert sorted(EXAMPLES) == sorted(text for text in EXAMPLES if text.startswith(tuple(SHOWN)))
    assert len(EXAMPLES) == len(SHOWN)
