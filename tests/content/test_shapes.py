"""A value of a wrong shape is shown as it would be written in the right one, by the types of the models."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.builders import problems

HEAD = "---\ntitle: Uno\n"
CASES = {
    "a person": (
        "courses/a/index.md",
        "credits: ada-rossi\n",
        '"credits:" and, below it, indented by two blanks: "- person: ada-rossi"',
    ),
    "people": ("courses/a/index.md", "credits: [ada-rossi]\n", '"- person: ada-rossi"'),
    "words": ("courses/a/index.md", "topics: math\n", 'Write "topics: [math]".'),
    "several words": ("courses/a/index.md", "topics: math, fisica due\n", 'Write "topics: [math, fisica due]".'),
    "a language": ("courses/a/index.md", "teaching_langs: it\n", 'Write "teaching_langs: [it]".'),
    "a picture": (
        "courses/a/index.md",
        "image: cover.jpg\n",
        '"image:" and, below it, indented by two blanks: "src: cover.jpg"',
    ),
    "an alternative": (
        "courses/a/index.md",
        "image: {src: a.jpg, alt: Una lavagna}\n",
        'Write "alt: {it: Una lavagna}".',
    ),
    "an alternative with a colon": (
        "courses/a/index.md",
        'image: {src: a.jpg, alt: "Qui: lei"}\n',
        'alt: {it: "Qui: lei"}',
    ),
    "a run": ("courses/a/index.md", "runs: {key: a, label: Uno}\n", '"- key: a", "  label: Uno"'),
    "a contact": ("press/2026/a.md", "published: 2026-01-01\ncontact: Ufficio\n", '"name: Ufficio"'),
    "a contact in a list": ("press/2026/a.md", "published: 2026-01-01\ncontact: [Ufficio]\n", '"name: Ufficio"'),
    "sources": ("courses/a/index.md", "sources: Un libro\n", '"- title: Un libro"'),
    "nothing to show": ("courses/a/index.md", "image: [a, b]\n", "Write its fields below it, indented"),
}


@pytest.mark.parametrize(("path", "front", "shown"), CASES.values(), ids=CASES)
def test_the_message_shows_the_right_shape(tmp_path: Path, path: str, front: str, shown: str) -> None:
    found = [problem for problem in problems(tmp_path, {path: f"{HEAD}{front}---\nTesto.\n"}) if "is not a" in problem]

    assert len(found) == 1
    assert shown in found[0]
