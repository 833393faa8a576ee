"""Materials of courses and hub items: files beside the text and what other sites have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.builders import assembled, problems

from openknowledge.catalogue.kinds.course import course_page
from openknowledge.catalogue.kinds.hub import hub_page
from openknowledge.catalogue.site import Site
from openknowledge.catalogue.views.pages import MaterialRow
from openknowledge.model.values import Ref
from openknowledge.search.page_words import find_page_texts

MATERIALS = """\
materials:
  - {title: Vettori, file: lezione 1.pdf, kind: slides, license: CC-BY-4.0, lang: it}
  - {title: Vectors, url: "https://example.org/v", kind: exercises, lang: en}
  - {title: Misure, file: ../dati/misure.csv}
"""
COURSE = f"---\ntitle: Algebra\n{MATERIALS}---\nTesto.\n"
HUB = f"---\ntitle: Strumento\ninitiative: imparare\npublished: 2020-07-31\n{MATERIALS}---\nTesto.\n"
FILES: dict[str, str | bytes] = {
    "courses/algebra/index.md": COURSE,
    "courses/algebra/lezione 1.pdf": b"x" * 1_200_000,
    "courses/dati/misure.csv": "a\n" * 1000,
    "hub/tool/strumento.md": HUB,
    "hub/tool/lezione 1.pdf": b"x" * 1_200_000,
    "hub/dati/misure.csv": "a\n" * 1000,
    "initiatives/imparare.md": "---\ntitle: Imparare\nstarts: 2020\n---\n",
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    found = assembled(tmp_path_factory.mktemp("materials"), FILES)
    assert found.problems == ()
    return found.site.fork()


def rows(site: Site, lang: str) -> tuple[MaterialRow, ...]:
    course: Any = site.record(Ref("course", "algebra"))
    return course_page(course, site, lang).materials


def test_a_material_shows_its_type_size_kind_language_and_licence(site: Site) -> None:
    slides, exercises, data = rows(site, "en")

    assert slides.url == "/media/courses/algebra/lezione%201.pdf"
    assert slides.note == "PDF, 1.2\N{NO-BREAK SPACE}MB"
    assert (slides.details, slides.lang) == ("Slides · Italian", "it")
    assert slides.license is not None and slides.license.url == "https://creativecommons.org/licenses/by/4.0/"
    assert (exercises.url, exercises.note, exercises.is_external) == ("https://example.org/v", "", True)
    assert (exercises.details, exercises.lang) == ("Exercises", None)
    assert (data.note, data.details, data.license) == ("CSV, 2\N{NO-BREAK SPACE}kB", "", None)


def test_its_words_are_those_of_the_pages_language(site: Site) -> None:
    slides, exercises, _ = rows(site, "it")

    assert (slides.note, slides.lang) == ("PDF, 1,2\N{NO-BREAK SPACE}MB", None)
    assert exercises.lang == "en"


def test_an_item_of_the_hub_has_them_too(site: Site) -> None:
    item: Any = site.record(Ref("hub", "strumento"))

    assert [row.title for row in hub_page(item, site, "it").materials] == ["Vettori", "Vectors", "Misure"]


def test_their_files_are_published_and_their_titles_are_found(site: Site) -> None:
    assert {"courses/algebra/lezione 1.pdf", "courses/dati/misure.csv"} <= {*site.media_files()}

    found = find_page_texts(site, site.record(Ref("course", "algebra")), "it")
    assert {"vettori", "vectors", "misure"} <= {*" ".join(found.texts).lower().split()}
    assert "Slides" in found.labels


@pytest.mark.parametrize(
    ("material", "says"),
    [
        ("{title: X}", "materials[0]: the material has neither a file nor an address"),
        ("{title: X, file: a.pdf, url: 'https://a.org/'}", "materials[0].url: the material has a file and an address"),
        ("{title: X, file: no.pdf}", 'materials[0].file: "no.pdf" leads to no file'),
        ("{title: X, file: A.pdf}", 'materials[0].file: "A.pdf" leads to no file\n    Its name is "a.pdf"'),
        ("{title: X, file: a.html}", 'materials[0].file: "a.html" leads to nothing that can be downloaded'),
        ("{title: X, file: index.md}", 'materials[0].file: "index.md" leads to nothing that can be downloaded'),
        ("{title: X, file: 'https://a.org/x.pdf'}", "materials[0].file: "),
        ("{file: a.pdf}", "materials[0].title: this field is missing"),
        ("{title: X, file: a.pdf, kind: slide}", 'did you mean "slides"?'),
        ("{title: X, file: a.pdf, license: CC-BY}", "materials[0].license: "),
    ],
)
def test_a_wrong_material_is_named_with_its_line_and_cure(tmp_path: Path, material: str, says: str) -> None:
    text = f"---\ntitle: A\nmaterials:\n  - {material}\n---\n"

    messages = problems(tmp_path, {"courses/a/index.md": text, "courses/a/a.pdf": "x", "courses/a/a.html": "x"})

    assert len(messages) == 1
    assert messages[0].startswith("content/courses/a/index.md:4: ")
    assert says in messages[0]
