"""Every mistake of an editor is reported with its file, line and field, and with how to correct it."""

from __future__ import annotations

import pytest
from tests.builders import COURSE, problems

HEAD = "---\ntitle: Algebra\n"


def course(front: str, body: str = "Testo.") -> str:
    return f"{HEAD}{front}---\n{body}\n"


CASES = {
    "invalid YAML": (
        {"courses/a/index.md": course("subjects: [a\n")},
        ['content/courses/a/index.md:3: the bracket "[" is not closed on this line'],
    ),
    "a tab in YAML": (
        {"courses/a/index.md": course("runs:\n\t- key: x\n")},
        ["content/courses/a/index.md:4: a tab where the line is indented", "two blanks"],
    ),
    "an unescaped colon": (
        {"courses/a/index.md": "---\ntitle: Algebra: un inizio\n---\n"},
        ["content/courses/a/index.md:2: a second colon", "quotes"],
    ),
    "words in a language that the site is not in": (
        {"courses/a/index.md": course("changes:\n  - date: 2026-01-01\n    text: {it: a, en: b, fr: c}\n")},
        ['content/courses/a/index.md:5: changes[0].text.fr: "fr" is no language here', "Write one of: it, en."],
    ),
    "a misspelt field": (
        {"courses/a/index.md": course("abstrakt: x\n")},
        ['content/courses/a/index.md:3: unknown field "abstrakt"; did you mean "abstract"?'],
    ),
    "a misspelt field in a run": (
        {"courses/a/index.md": course("runs:\n  - key: x\n    label: y\n    stats: 2026-01-01\n")},
        ['content/courses/a/index.md:6: unknown field "runs[0].stats"; did you mean "starts"?'],
    ),
    "a missing field": (
        {"courses/a/index.md": "---\nabstract: x\n---\n"},
        ["content/courses/a/index.md:2: title: this field is missing"],
    ),
    "a missing date": (
        {"press/2026/a.md": course("")},
        ["content/press/2026/a.md:2: published: this field is missing"],
    ),
    "a wrong type": (
        {"courses/a/index.md": course("weekly_hours: many\n")},
        ['content/courses/a/index.md:3: weekly_hours: "many" is not a whole number'],
    ),
    "a word where a list belongs": (
        {"courses/a/index.md": course("audiences: teachers\n")},
        ['content/courses/a/index.md:3: audiences: "teachers" is not a list', "audiences: [teachers]"],
    ),
    "a misspelt value": (
        {"courses/a/index.md": course("level: introductery\n")},
        ['index.md:3: level: "introductery" is not a known value; did you mean "introductory"?', "Write one of:"],
    ),
    "an impossible date": (
        {"courses/a/index.md": course("runs:\n  - key: x\n    label: y\n    starts: 2026-13-01\n")},
        ['content/courses/a/index.md:6: runs[0].starts: "2026-13-01" is not a date', "YYYY-MM-DD"],
    ),
    "a run that ends before it starts": (
        {
            "courses/a/index.md": course(
                "runs:\n  - key: x\n    label: y\n    starts: 2026-03-01\n    ends: 2026-02-01\n"
            )
        },
        ["content/courses/a/index.md:7: runs[0].ends: a run cannot end before it starts"],
    ),
    "a session without a time zone": (
        {
            "hub/webinar/a.md": course(
                "initiative: i\npublished: 2026-01-01\nsession:\n"
                "  starts: 2026-01-01T10:00\n  ends: 2026-01-01T11:00+01:00\n"
            ),
            "initiatives/i.md": course("starts: 2026\n"),
        },
        ["content/hub/webinar/a.md:6: session.starts:", "time zone"],
    ),
    "a dangling reference": (
        {"courses/a/index.md": course("strand: matt\n"), "strands/math.md": course("")},
        ['content/courses/a/index.md:3: strand: there is no strand "matt"; did you mean "math"?'],
    ),
    "a mention of nothing": (
        {"press/2026/a.md": course("published: 2026-01-01\nmentions: [course/nothing]\n")},
        ['content/press/2026/a.md:4: mentions[0]: there is no course "nothing"'],
    ),
    "two items with one address": (
        {
            "pages/a.md": course(""),
            "pages/b.md": course(""),
            "pages/b.en.md": "---\ntitle: B\nslug: a\n---\n",
        },
        ["content/pages/b.md: slug:", "is already that of content/pages/a.md"],
    ),
    "two items with one name": (
        {"press/2025/a.md": course("published: 2025-01-01\n"), "press/2026/a.md": course("published: 2026-01-01\n")},
        ["content/press/2026/a.md:1: press/a is already the name of content/press/2025/a.md"],
    ),
    "a slug that climbs": (
        {"courses/a/index.md": course("slug: ../../etc/passwd\n")},
        ['content/courses/a/index.md:3: slug: "../../etc/passwd" cannot be part of an address'],
    ),
    "a folder that cannot be an address": (
        {"courses/Algebra lineare/index.md": COURSE},
        ['content/courses/Algebra lineare/index.md: "Algebra lineare" cannot be part of an address'],
    ),
    "a file that is not UTF-8": (
        {"courses/a/index.md": "---\ntitle: Perché\n---\n".encode("latin-1")},
        ["content/courses/a/index.md:2: the file is not UTF-8 text"],
    ),
    "a broken link": (
        {"courses/a/index.md": course("", "Uno.\n\n[due]({filename}/courses/b/index.md)")},
        ['content/courses/a/index.md:6: the link "{filename}/courses/b/index.md" leads to no file'],
    ),
    "an unknown counter": (
        {"courses/a/index.md": course("", "Sono {figure:pok.lerners}.")},
        ['content/courses/a/index.md:4: there is no number "figure:pok.lerners"'],
    ),
    "an unknown figure in a field": (
        {"press/2026/a.md": course("published: 2026-01-01\nfigures: [nothing]\n")},
        ['content/press/2026/a.md:4: figures[0]: there is no number "nothing"'],
    ),
    "a missing picture": (
        {"courses/a/index.md": course("image:\n  src: no.jpg\n  alt: {it: A, en: A}\n")},
        ['content/courses/a/index.md:4: image.src: there is no picture "no.jpg"'],
    ),
    "a picture without alternative text": (
        {"courses/a/index.md": course("image:\n  src: no.jpg\n  alt: {it: A}\n")},
        ['content/courses/a/index.md:5: image.alt: the picture has no alternative text in "en"'],
    ),
    "a picture in the text without alternative text": (
        {"courses/a/index.md": course("", "![](no.png)")},
        ['content/courses/a/index.md:4: the picture "no.png" has no alternative text', 'there is no picture "no.png"'],
    ),
    "a picture on another server": (
        {"courses/a/index.md": course("", "![x](https://example.org/a.png)")},
        ["content/courses/a/index.md:4:", "lies on another server"],
    ),
    "a control character": (
        {"courses/a/index.md": course("", "Uno\x0bdue")},
        ["content/courses/a/index.md:4: an invisible control character (U+000B) at column 4"],
    ),
    "an empty file": (
        {"courses/a/index.md": "\n"},
        ["content/courses/a/index.md: the file is empty"],
    ),
    "no front matter": (
        {"courses/a/index.md": "# Algebra\n"},
        ["content/courses/a/index.md:1: the file has no front matter"],
    ),
    "front matter that does not end": (
        {"courses/a/index.md": "---\ntitle: x\n"},
        ["content/courses/a/index.md:1: the front matter does not end"],
    ),
    "a fact in a translation": (
        {"courses/a/index.md": COURSE, "courses/a/index.en.md": "---\ntitle: A\nweeks: 3\n---\n"},
        ['content/courses/a/index.en.md:3: weeks: "weeks" is a fact', "content/courses/a/index.md"],
    ),
    "a language that the site does not have": (
        {"courses/a/index.md": COURSE, "courses/a/index.fr.md": "---\ntitle: A\n---\n"},
        ['content/courses/a/index.fr.md: "fr" is not a language of the site', '"index.en.md"'],
    ),
    "a file where no kind lives": (
        {"corsi/a/index.md": COURSE},
        ["content/corsi/a/index.md: no kind of content lives in this folder"],
    ),
    "a heading of the first rank": (
        {"courses/a/index.md": course("", "Uno.\n\n# Due")},
        ["content/courses/a/index.md:6: a heading of the first rank"],
    ),
    "the same field twice": (
        {"courses/a/index.md": course("title: Due\n")},
        ['content/courses/a/index.md:3: "title" is given twice'],
    ),
    "a language that does not exist": (
        {"courses/a/index.md": course("teaching_langs: [italiano]\n")},
        ['content/courses/a/index.md:3: teaching_langs[0]: "italiano" is not the code of a language'],
    ),
    "languages that are spelled in another way": (
        {"courses/a/index.md": course("teaching_langs: [IT, zh_Hant]\nsubtitle_langs: [iw]\n")},
        [
            'teaching_langs[0]: "IT" is written "it"',
            'teaching_langs[1]: "zh_Hant" is written "zh-Hant"',
            'written "he"',
        ],
    ),
    "a language in capitals in the name of a file": (
        {"courses/a/index.md": COURSE, "courses/a/index.EN.md": "---\ntitle: A\n---\n"},
        ['content/courses/a/index.EN.md: "EN" is written "en"', 'Name the file "index.en.md".'],
    ),
    "the default language in capitals in the name of a file": (
        {"topics/a.IT.md": "---\ntitle: A\n---\n"},
        ['content/topics/a.IT.md: "IT" is written "it"', 'Name the file "a.md".'],
    ),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES)
def test_a_mistake_is_reported_with_its_line_and_how_to_correct_it(tmp_path, files, expected):
    messages = problems(tmp_path, files)

    for part in expected:
        assert any(part in message for message in messages), messages


def test_all_problems_of_a_build_are_reported_at_once(tmp_path):
    files = {
        "courses/a/index.md": course("weeks: many\nlevel: hard\nnonsense: 1\n"),
        "courses/b/index.md": b"",
        "press/2026/c.md": course(""),
    }

    assert len(problems(tmp_path, files)) == 5


def test_content_without_mistakes_has_no_problems(tmp_path):
    assert problems(tmp_path, {"courses/a/index.md": COURSE}) == []


def test_a_playlist_with_an_unknown_video_is_reported_with_its_line(tmp_path):
    rows = '{"slug": "a", "title": "A", "videos": []}\n{"slug": "b", "title": "B", "videos": ["nothing"]}\n'

    (problem,) = problems(tmp_path, {"snapshots/x/playlists.jsonl": rows})

    assert problem.startswith('content/snapshots/x/playlists.jsonl:2: videos[0]: there is no video "nothing"')


def test_a_wrong_field_does_not_hide_what_else_is_wrong_with_the_item(tmp_path):
    front = "level: hard\nstrand: nothing\nruns:\n  - {key: x, label: y, starts: 2026-02-01, ends: 2026-01-01}\n"

    messages = problems(tmp_path, {"courses/a/index.md": course(front, "{figure:nothing} e ![](no.png)")})

    for part in (
        "level:",
        'strand: there is no strand "nothing"',
        "runs[0].ends: a run cannot end before it starts",
        'there is no number "figure:nothing"',
        'there is no picture "no.png"',
    ):
        assert any(part in message for message in messages), messages
