"""Fields keep the promises of the text: their signs are shown as markup, or as words where markup cannot be."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.builders import assembled, problems

from openknowledge.catalogue.site import Site
from openknowledge.content.markdown.inline import plain_words, read_inline

WORDS = "'Sono {figure:pok.a} *persone* e `x_1` [qui](https://example.org/)'"
FIGURES = (
    "pok:\n  title: {it: Numeri, en: Numbers}\n  figures:\n    a:\n      value: 1000\n      measure: learners\n"
    "      label: {it: persone, en: people}\n      definition: {it: Chi impara, en: Who learns}\n"
    "      source: {title: Fonte}\n      as_of: 2025-01-01\n"
)
ITEMS = {
    "courses/a/index.md": (
        f"title: Il *nuovo* corso di `C`\nabstract: {WORDS}\noutcomes: [{WORDS}]\nrequirements: {WORDS}\n"
        f"certificate: {WORDS}\nsyllabus:\n  - title: {WORDS}\n    text: {WORDS}\nfirst_published: 2025-01-01\n"
    ),
    "press/2025/a.md": f"title: x\npublished: 2025-01-01\nabstract: {WORDS}\nstandfirst: {WORDS}\n",
    "programmes/a.md": f"title: x\nabstract: {WORDS}\nstandfirst: {WORDS}\nappeal: {WORDS}\n",
    "initiatives/a.md": (
        f"title: x\nabstract: {WORDS}\nstarts: 2020\ntimeline:\n  - {{date: 2020, text: {{it: {WORDS}}}}}\n"
    ),
    "hub/article/a.md": f"title: x\nabstract: {WORDS}\ninitiative: a\npublished: 2025-01-01\n",
    "topics/a.md": f"title: x\nabstract: {WORDS}\n",
    "pages/a.md": f"title: x\nabstract: {WORDS}\n",
}
FIELDS = {
    "course": ("abstract", "outcomes", "syllabus", "details"),
    "press": ("standfirst",),
    "programme": ("abstract", "standfirst", "appeal"),
    "initiative": ("abstract", "timeline"),
    "hub": ("abstract",),
    "topic": ("abstract",),
    "page": ("abstract",),
}
RAW = re.compile(r"[{}`*]|\]\(")
PLAIN = "Sono 1.000 persone e x_1 qui"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    files: dict[str, str | bytes] = {path: f"---\n{front}---\n" for path, front in ITEMS.items()}
    whole = assembled(tmp_path_factory.mktemp("site"), {**files, "figures.yaml": FIGURES})
    assert whole.problems == ()
    return whole.site.fork()


def texts(value: Any) -> list[Any]:
    """Return all rendered words inside a value of a page."""
    if isinstance(value, tuple) and value and hasattr(value[0], "html"):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in texts(part)]
    slots = getattr(type(value), "__slots__", ()) if not isinstance(value, str) else ()
    return [text for name in slots for text in texts(getattr(value, name))]


@pytest.mark.parametrize("kind", FIELDS)
def test_a_page_shows_the_markup_and_numbers_of_its_fields(site: Site, kind: str) -> None:
    record = site.record(site.stub(kind, "a").ref)  # type: ignore[union-attr]
    view = site.kind(kind).page(record, site, "it")

    for name in FIELDS[kind]:
        found = texts(getattr(view, name))
        assert found, name
        for body in found:
            markup = "".join(segment.html for segment in body)
            assert (
                "<em>persone</em>" in markup
                and "<code>x_1</code>" in markup
                and 'href="https://example.org/"' in markup
            )
            assert [segment.number.text for segment in body if segment.number] == ["1.000"]


@pytest.mark.parametrize("kind", FIELDS)
def test_descriptions_cards_and_feeds_have_the_words_alone(site: Site, kind: str) -> None:
    record = site.record(site.stub(kind, "a").ref)  # type: ignore[union-attr]
    view, summary = site.kind(kind).page(record, site, "it"), site.summary(record.ref, "it")
    card = site.card(record, "it")

    for text in (view.description, card.abstract, summary.abstract):
        assert text == PLAIN
    assert not any(RAW.search(text) for text in (view.title, view.heading, card.title, summary.title))


def test_a_title_has_its_markup_on_its_own_page_alone(site: Site) -> None:
    record = site.record(site.stub("course", "a").ref)  # type: ignore[union-attr]
    view = site.kind("course").page(record, site, "it")

    assert (view.heading, view.headline) == ("Il nuovo corso di C", "Il <em>nuovo</em> corso di <code>C</code>")
    assert site.title(record, "en") == "Il nuovo corso di C"


REFUSED = {
    "abstract: Sono {figure:pok.lerners} persone": 'abstract: there is no number "figure:pok.lerners"',
    "abstract: 'Sono {figure: pok.a} persone'": "abstract: {figure: pok.a} would be shown as it is written",
    "abstract: Il video {video:lezione}": "abstract: {video:lezione} would be shown as it is written",
    "abstract: '![x](a.png)'": "abstract: a picture cannot stand in this field",
    "abstract: '[x](javascript:alert)'": "abstract: a link in this field leads to an address",
    "abstract: '[x]({filename}/courses/b/index.md)'": "abstract: the link",
    "outcomes: [uno, 'in {counter:course/b}']": 'outcomes[1]: there is no number "counter:course/b"',
    "seo_title: Con {figure:pok.a} persone": "seo_title: a number cannot stand in this field",
    "abstract: |\n  Uno.\n\n  Due.": "abstract: this field is one paragraph, and has a blank line",
    "abstract: Uno\n\n\n  due": "abstract: this field is one paragraph, and has a blank line",
    "abstract: 'Sia $\\frac{a$'": "abstract: the formula",
    "keywords: ['[x](https://example.org/)']": "keywords[0]: a link cannot stand in this field",
    "sources: [{title: 'In {total:courses}'}]": "sources[0].title: a number cannot stand in this field",
    "runs: [{key: a, label: 'Di {figure:pok.a}'}]": "runs[0].label: a number cannot stand in this field",
}  # fmt: skip


@pytest.mark.parametrize("front", REFUSED)
def test_what_a_field_cannot_show_is_refused_with_its_line(tmp_path: Path, front: str) -> None:
    files: dict[str, str | bytes] = {"figures.yaml": FIGURES, "courses/a/index.md": f"---\ntitle: x\n{front}\n---\n"}

    found = problems(tmp_path, files)

    assert any(one.startswith(f"content/courses/a/index.md:3: {REFUSED[front]}") for one in found), found


def test_the_words_of_the_channel_are_never_markdown(tmp_path: Path) -> None:
    row = (
        '{"slug": "a", "title": "Il *caso* {figure:x} `y` #1", "description": "Con *stelle* e [x](https://a.it/)\\n\\nPoi.",'
        ' "published": "2025-01-01T00:00:00Z", "lang": "it"}\n'
    )

    whole = assembled(tmp_path, {"snapshots/x/videos.jsonl": row})
    video = whole.site.fork().card(whole.site.fork().refs()[0], "it")

    assert whole.problems == ()
    assert (video.title, video.abstract) == ("Il *caso* {figure:x} `y` #1", "Con *stelle* e [x](https://a.it/)")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("*uno* **due** _tre_", "uno due tre"),
        (r"\*uno\* e \#due", "*uno* e #due"),
        ("R&D, AT&T &copy; <b> *x*", "R&D, AT&T &copy; <b> x"),
        ("3*4*5 e a_b_c *x*", "3*4*5 e a_b_c x"),
        ("1. Uno, `- due` # tre", "1. Uno, - due # tre"),
        ("<https://example.org/>", "https://example.org/"),
        ("`{figure:x}` e `*`", "{figure:x} e *"),
        ("una  \nriga *due*", "una riga due"),
        ("Sia $x^2$ e costa 5 $", "Sia x² e costa 5 $"),
        (r"\(a<b\) o `$x$`", "a < b o $x$"),
        (r"$\int_a^b f(x)\,dx = \frac{x+1}{2}$", "∫_a^b f(x) dx = (x + 1)/2"),
        (r"$\sqrt{x+1}$ e $2^{10}$", "√(x + 1) e 2¹⁰"),
        (r"$\begin{pmatrix}1&2\\3&4\end{pmatrix}$", "(1, 2; 3, 4)"),
    ],
)
def test_of_markup_the_words_are_left(text: str, words: str) -> None:
    rendered = read_inline(text)

    assert rendered.issues == () and rendered.html is not None
    assert plain_words(rendered.html) == words


@pytest.mark.parametrize("text", ["R&D", "5 $ o 10 $", "5 * 3", "a_b_c", "C# e F#", "{x: x > 0}", "[1] e [2]", "x < y"])
def test_words_without_markup_stay_text(text: str) -> None:
    assert read_inline(text) == (None, ())
