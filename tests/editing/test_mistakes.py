"""Mistakes as editors make them: each has one message, with its line, its cause and its cure, in both languages."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image as Picture
from tests.editing.mistakes import ADDRESSES, MISTAKES

from openknowledge.catalogue.check_command import check_portability
from openknowledge.editing.loading import load_site
from openknowledge.problems import Problem
from openknowledge.rendering.locale import load_gettext

ROOT = Path(__file__).parents[2]
SOUND = {
    "courses/fisica/index.md": "---\ntitle: Fisica\n---\nTesto.\n",
    "courses/chimica/index.md": "---\ntitle: Chimica\n---\nTesto.\n",
    "strands/math.md": "---\ntitle: Matematica\n---\n",
    "figures.yaml": (ROOT / "content/figures.yaml").read_text("utf-8"),
}
WITHOUT_LINE = {
    "un nome con le maiuscole": "the name of the file is wrong",
    "un file nella cartella sbagliata": "its place is wrong",
    "una lingua che il sito non ha": "the name of the file is wrong",
}
WITHOUT_CURE = {"un campo che non esiste": "the message itself says what was meant"}
PROGRAMMERS_WORDS = re.compile(
    r"\b(?:NoneType|None|dict|tuple|str|int|list index|index error|mapping|scalar|token|sequence|node|anchor &|alias \*"
    r"|block (?:mapping|end|collection|sequence)|Traceback|exception|pydantic|YAML|Python|parser?|parsing|KeyError"
    r"|expected|found character|regex|boolean|integer|string|float|null value)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Problem, ...]]:
    """What is said of each file, of all mistakes together."""
    by_path: dict[str, tuple[Problem, ...]] = {}
    project = tmp_path_factory.mktemp("project")
    shutil.copyfile(ROOT / "pelicanconf.py", project / "pelicanconf.py")
    (project / "theme").symlink_to(ROOT / "theme")
    for path, text in (*SOUND.items(), *((path, text) for _, path, text in (*MISTAKES, *ADDRESSES))):
        file = project / "content" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        for name in ("cover.jpg", "lavagna.jpg") if path.startswith("courses/errore") else ():
            Picture.new("RGB", (8, 8)).save(file.parent / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(project)
        loaded = load_site()
        places = {(problem.path, problem.line) for problem in loaded.problems}
        ambiguous = check_portability(loaded.options.content)
        problems = {*loaded.problems, *(one for one in ambiguous if (one.path, one.line) not in places)}
    for problem in problems:
        path = problem.path.removeprefix("content/")
        by_path[path] = (*by_path.get(path, ()), problem)
    return by_path


@pytest.fixture(scope="module")
def italian() -> Callable[[str], str]:
    return load_gettext({"THEME": str(ROOT / "theme"), "DEFAULT_LANG": "it"})


def test_there_are_at_least_forty_mistakes_and_sound_files_have_none(found: dict[str, tuple[Problem, ...]]) -> None:
    assert len(MISTAKES) + len(ADDRESSES) >= 40
    assert sorted(found) == sorted({path for _, path, _ in (*MISTAKES, *ADDRESSES)})


@pytest.mark.parametrize(("name", "path", "_text"), (*MISTAKES, *ADDRESSES), ids=lambda value: str(value)[:40])
def test_a_mistake_has_one_message_with_its_line_its_cause_and_its_cure(
    name: str, path: str, _text: str, found: dict[str, tuple[Problem, ...]], italian: Callable[[str], str]
) -> None:
    (problem,) = found[path]

    assert problem.line is not None or name in WITHOUT_LINE
    assert problem.hint or name in WITHOUT_CURE
    for text in (str(problem), problem.localize(italian)):
        words = re.sub(r'"[^"]*"|«[^»]*»|content/\S+', "", text)
        assert PROGRAMMERS_WORDS.findall(words.partition(": ")[2]) == [], text
    assert problem.message.localize(italian) != problem.message


def test_the_messages_are_those_that_were_read_in_review(
    found: dict[str, tuple[Problem, ...]], italian: Callable[[str], str], golden: Callable[[str, bytes], None]
) -> None:
    parts = []
    for name, path, text in (*MISTAKES, *ADDRESSES):
        (problem,) = found[path]
        row = text.split("\n")[problem.line - 1] if problem.line else ""
        parts.append(f"## {name}\n{row}\n{problem}\n{problem.localize(italian)}\n")
    golden("mistakes.txt", "\n".join(parts).encode())
