"""What the links and pictures of a text mean: files of content/, items, or other sites."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from tests.builders import COURSE, a_course, problems, write

from openknowledge.content.checks import list_file_deps, list_media
from openknowledge.content.located_yaml import LocatedFields
from openknowledge.content.markdown.render import render_markdown
from openknowledge.content.text_links import ResolvedText, resolve_links
from openknowledge.model.course import CourseWords

HERE = "content/courses/algebra/index.md"
NFC, NFD = (unicodedata.normalize(form, "città.pdf") for form in ("NFC", "NFD"))
NAMES = [
    *("a.pdf", "lezione 1.pdf", "C#.pdf", "perché?.pdf", "50%.pdf", "a%20b.pdf", "tom&jerry.pdf", NFC, "it's (1).pdf"),
    *("index.md", "a.png"),
]
FILES = {f"courses/algebra/{name}": "x" for name in NAMES} | {
    "courses/analisi/index.md": COURSE,
    "courses/analisi/note.pdf": "123",
    "courses/inglese/index.en.md": COURSE,
    "courses/vuoto/a.csv": "1",
    "pages/privacy.md": COURSE,
    "logo.png": "x",
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("links"), FILES)


def resolve(root: Path, text: str) -> ResolvedText:
    fields = LocatedFields(HERE, {}, {}, text, 1)
    return resolve_links(render_markdown(text).html, HERE, root, fields.find_body_line)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a.pdf", "{static}/courses/algebra/a.pdf"),
        ("./a.pdf#page=3", "{static}/courses/algebra/a.pdf#page=3"),
        ("a.pdf?v=2", "{static}/courses/algebra/a.pdf?v=2"),
        ("../analisi/note.pdf", "{static}/courses/analisi/note.pdf"),
        ("{static}a.pdf", "{static}/courses/algebra/a.pdf"),
        ("{attach}../../logo.png", "{static}/logo.png"),
        ("{static}/logo.png", "{static}/logo.png"),
        ("lezione%201.pdf", "{static}/courses/algebra/lezione%201.pdf"),
        ("<lezione 1.pdf>", "{static}/courses/algebra/lezione%201.pdf"),
        ("{static}lezione%201.pdf", "{static}/courses/algebra/lezione%201.pdf"),
        ("C%23.pdf", "{static}/courses/algebra/C%23.pdf"),
        ("<C#.pdf>", "{static}/courses/algebra/C%23.pdf"),
        ("perché?.pdf", "{static}/courses/algebra/perch%C3%A9%3F.pdf"),
        ("perch%C3%A9%3F.pdf", "{static}/courses/algebra/perch%C3%A9%3F.pdf"),
        ("50%.pdf", "{static}/courses/algebra/50%25.pdf"),
        ("a%20b.pdf", "{static}/courses/algebra/a%2520b.pdf"),
        ("a%2520b.pdf", "{static}/courses/algebra/a%2520b.pdf"),
        ("tom&jerry.pdf", "{static}/courses/algebra/tom%26jerry.pdf"),
        ("<it's (1).pdf>", "{static}/courses/algebra/it%27s%20%281%29.pdf"),
        (NFC, "{static}/courses/algebra/citt%C3%A0.pdf"),
        (NFD, "{static}/courses/algebra/citt%C3%A0.pdf"),
        ("citt%C3%A0.pdf", "{static}/courses/algebra/citt%C3%A0.pdf"),
        ("citta%CC%80.pdf", "{static}/courses/algebra/citt%C3%A0.pdf"),
        ("../analisi/index.md", "{filename}/courses/analisi/index.md"),
        ("../analisi/index.md#limiti", "{filename}/courses/analisi/index.md#limiti"),
        ("../analisi/", "{filename}/courses/analisi/index.md"),
        ("../analisi#limiti", "{filename}/courses/analisi/index.md#limiti"),
        ("../inglese", "{filename}/courses/inglese/index.en.md"),
        ("{filename}../../pages/privacy.md", "{filename}/pages/privacy.md"),
        ("/corsi/analisi/", "/corsi/analisi/"),
        ("https://example.org/a.pdf", "https://example.org/a.pdf"),
        ("//example.org/a.pdf", "//example.org/a.pdf"),
        ("mailto:a@example.org", "mailto:a@example.org"),
    ],
)
def test_a_link_means_a_file_whichever_way_it_is_written(root: Path, written: str, meant: str) -> None:
    text = resolve(root, f"[words]({written})")

    assert not text.problems
    assert f'href="{meant}"' in text.html.replace("&#x27;", "'")


def test_the_name_of_a_file_that_a_mac_wrote_is_found(tmp_path: Path) -> None:
    root = write(tmp_path, {f"courses/algebra/{NFD}": "x"})

    assert 'href="{static}/courses/algebra/citta%CC%80.pdf"' in resolve(root, f"[x]({NFC})").html


@pytest.mark.parametrize("written", ["a.png", "./a.png", "../algebra/a.png", "{static}a.png", "/courses/algebra/a.png"])
def test_a_picture_means_a_file_as_a_link_does(root: Path, written: str) -> None:
    assert 'src="{static}/courses/algebra/a.png"' in resolve(root, f"![una onda]({written})").html


def test_only_a_link_says_how_large_its_file_is(root: Path) -> None:
    text = resolve(root, "[a](../analisi/note.pdf) ![b](a.png) [c](../analisi/index.md)")

    assert text.html.count("data-bytes") == text.html.count('<a data-bytes="3" href="{static}') == 1


@pytest.mark.parametrize(
    ("written", "reason", "hint"),
    [
        (
            "lezione.pdf",
            'the link "lezione.pdf" leads to no file',
            'did you mean "lezione 1',
        ),
        ("zz/y.txt", 'the link "zz/y.txt" leads to no file', "Write its path as it is seen from this file"),
        ("A.PDF", 'the link "A.PDF" leads to no file', 'Its name is "a.pdf"'),
        ("../Analisi/note.pdf", "leads to no file", 'Its name is "analisi"'),
        ("{static}Lezione%201.pdf", "leads to no file", 'Its name is "lezione 1.pdf"'),
        ("../altro/", "leads to no file", "Write its path"),
        ("../vuoto/", 'the link "../vuoto/" leads to a folder', "a file in it"),
        ("../../../x.pdf", "leads to something outside the content folder", "Put a copy"),
        ("{index}x", "leads to no file", "neither is needed"),
        ("?page=2", "leads to no file", "in the parentheses"),
        ("", 'the link "" leads to no file', "in the parentheses"),
        ("www.polimi.it", "leads to no file", 'Begin an address with "https://"'),
        ("example.org/corsi/", "leads to no file", 'Begin an address with "https://"'),
        ("ada@example.org", "leads to no file", '"mailto:"'),
        (r"..\analisi\note.pdf", "leads to no file", 'Write "/" between folders'),
        ("#nowhere", 'nothing in this text has the anchor "#nowhere"', "headings"),
        (".env", "leads to no file", "Write its path"),
    ],
)
def test_a_link_that_leads_to_nothing_is_named_with_its_line(root: Path, written: str, reason: str, hint: str) -> None:
    (problem,) = resolve(root, f"Testo.\n\nTesto [qui]({written}).").problems

    assert problem.path == HERE
    assert problem.line == 3
    assert reason in problem.message
    assert problem.hint is not None and hint in problem.hint


def test_a_link_is_found_on_its_line_and_not_in_a_longer_word_above(root: Path) -> None:
    (problem,) = resolve(root, "Il file zz.pdf manca.\n\n[qui](z.pdf)").problems

    assert problem.line == 3


@pytest.mark.parametrize("anchor", ["#uno", "#due", "#citt%C3%A0", "#", "#top"])
def test_an_anchor_is_an_id_of_the_text(root: Path, anchor: str) -> None:
    text = f"## Uno\n\n## Altro {{#due}}\n\n## Città\n\n[su]({anchor})"

    assert not resolve(root, text).problems


@pytest.mark.parametrize(
    ("src", "says"),
    [
        ("Cover.JPG", 'there is no picture "Cover.JPG"\n    Its name is "cover.jpg"'),
        ("../b", 'there is no picture "../b"'),
        ("../../../x.jpg", 'the picture "../../../x.jpg" leads to something outside the content folder'),
        ("no.jpg", 'there is no picture "no.jpg"'),
    ],
)
def test_a_cover_is_found_by_its_own_name_on_every_disk(tmp_path: Path, src: str, says: str) -> None:
    course = f"---\ntitle: A\nimage:\n  src: {src}\n  alt: {{it: a, en: b}}\n---\n"
    (message,) = problems(tmp_path, {"courses/a/index.md": course, "courses/a/cover.jpg": b"x", "courses/b/x.txt": "x"})

    assert message.startswith(f"content/courses/a/index.md:4: image.src: {says}")


def test_a_wrong_link_is_said_once_and_a_file_that_is_no_item_as_well(tmp_path: Path) -> None:
    text = f"{COURSE}[uno](../b/index.md) [due](README.md)\n"
    messages = problems(tmp_path, {"courses/a/index.md": text, "courses/a/README.md": "# Note"})

    assert len(messages) == 2
    assert 'the link "../b/index.md" leads to no file' in messages[0]
    assert 'the link "README.md" leads to a file that is no page of the site' in messages[1]


ANCHORS = {
    "courses/b/index.md": f"{COURSE}## Limiti\n\n## Altro {{#qui}}\n",
    "courses/b/index.en.md": "---\ntitle: B\n---\n## Limits\n\n## More {#qui}\n",
}


@pytest.mark.parametrize(
    ("text", "english", "wrong"),
    [
        ("[x](../b/index.md#qui)", None, ""),
        ("[x](../b/index.md#limits)", None, "index.md"),
        ("[x](../b/index.md#limiti)", None, "index.md"),
        ("[x](../b/index.md#limiti)", "No.", ""),
        ("No.", "[x](../b/#limits)", ""),
        ("No.", "[x](../b/#limiti)", "index.en.md"),
        ("[x](../b/index.md#title:runs)", None, ""),
    ],
)
def test_an_anchor_is_there_on_every_page_that_a_text_is_shown_on(
    tmp_path: Path, text: str, english: str | None, wrong: str
) -> None:
    """Without a translation of its own, a text is shown on the page of the other language too."""
    files = {**ANCHORS, "courses/a/index.md": f"{COURSE}{text}\n"}
    if english is not None:
        files["courses/a/index.en.md"] = f"---\ntitle: A\n---\n{english}\n"

    messages = problems(tmp_path, {**files})

    assert len(messages) == bool(wrong)
    assert all(f"content/courses/a/{wrong}:" in message for message in messages)
    assert all("names an anchor that content/courses/b/index" in message for message in messages)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("## Uno {#qui}\n\n## Due {#qui}", 'index.md:8: the anchor "qui" stands twice'),
        ("## Uno {#qui}\n\nTesto.\n{: #qui }", 'index.md:9: the anchor "qui" stands twice'),
        ("## Uno {#title:runs}", 'index.md:6: the anchor "title:runs" belongs to the page itself'),
        ("## Uno {#part:main}", 'index.md:6: the anchor "part:main" belongs to the page itself'),
        ("## Main\n\n## Runs title\n\n## Main\n\n## Figure 1\n\n[qui](#runs-title) [qui](#main)", ""),
    ],
)
def test_an_anchor_stands_once_and_is_none_of_the_themes(tmp_path: Path, text: str, says: str) -> None:
    messages = problems(tmp_path, {"courses/a/index.md": f"{COURSE}{text}\n"})

    assert len(messages) == bool(says)
    assert all(says in message for message in messages)


def test_the_media_of_a_record_are_the_pictures_and_files_of_its_texts(root: Path) -> None:
    text = "![b](a.png) [a](../analisi/note.pdf) [other](../analisi/index.md) [web](https://example.org/c.pdf)"
    words = {
        "it": CourseWords(title="Algebra", body=resolve(root, text).html),
        "en": CourseWords(title="A"),
    }
    course = a_course("algebra", words=words, files=(HERE,))

    assert list_media(course) == {"courses/algebra/a.png", "courses/analisi/note.pdf"}
    assert [*list_file_deps(course)] == [
        ("courses/algebra/a.png", False),
        ("courses/analisi/note.pdf", True),
        ("courses/analisi/index.md", False),
    ]
