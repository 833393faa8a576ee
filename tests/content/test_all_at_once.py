"""Whatever is wrong is told in one run: no mistake hides another one, in its file or elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest
from pelican.settings import read_settings
from tests.builders import write
from tests.conftest import ROOT

from openknowledge.catalogue.check_command import list_problems
from openknowledge.editing.loading import load_site
from openknowledge.engine.session import BuildSession
from openknowledge.problems import ContentProblems, Message, Problem, sort_problems

HOME = "---\ntitle: Casa\n---\nVedi [questo](/tmei/).\n"
SOUND = {"pages/home.md": "---\ntitle: Casa\n---\nTesto.\n"}


def places(folder: Path, files: dict[str, str | bytes], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return where something is wrong with a site of these files, as `path:line field`."""
    shutil.copyfile(ROOT / "pelicanconf.py", folder / "pelicanconf.py")
    (folder / "theme").symlink_to(ROOT / "theme")
    write(folder, files)
    monkeypatch.chdir(folder)
    found = list_problems(load_site().assembled, read_settings("pelicanconf.py"), checks_portability=True)
    problems = [one for one in sort_problems(found) if one.path != "pelicanconf.py"]
    return [f"{one.path.removeprefix('content/')}:{one.line} {one.field or ''}".rstrip() for one in problems]


def test_mistakes_of_all_sorts_of_files_are_told_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {
        "courses/uno/index.md": "---\ntitle: Uno\nlevel: duro\n---\n",
        "pages/home.md": HOME,
        "pages/uno.md": "---\ntitle: Uno\nslug: corsi\n---\nTesto.\n",
        "pages/due.md": "---\ntitle: Due 𓀀\n---\nTesto.\n",
        "figures.yaml": "pok: [\naltro: 3\n",
        "redirects.yaml": "- {from: /a/, to: /tmei/}\n- {from: /b/, gone: yes}\n- {from: c\n",
        "synonyms.yaml": "- [uno]\n- due\n- [tre\n",
        "snapshots/addresses.txt": "/temi/persa/\nniente\n",
        "videos/people.yaml": 'title: @x\ndescription:\n  - {pattern: "niente"}\n',
        "videos/topics.yaml": "niente: {words: [a]}\n",
    }

    assert places(tmp_path, files, monkeypatch) == [
        "courses/uno/index.md:3 level",
        "figures.yaml:1",
        "figures.yaml:2 altro",
        "pages/due.md:2 title",
        "pages/home.md:4",
        "pages/uno.md:None slug",
        "redirects.yaml:1 to",
        "redirects.yaml:2 gone",
        "redirects.yaml:3",
        "snapshots/addresses.txt:2",
        "synonyms.yaml:1",
        "synonyms.yaml:2",
        "synonyms.yaml:3",
        "videos/people.yaml:1",
        "videos/people.yaml:3 description[0].pattern",
        "videos/topics.yaml:1 niente",
    ]


def test_no_mistake_in_a_front_matter_hides_the_others_of_the_item(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a field that cannot be read nor one that is missing: of fields, texts, links, in each language."""
    text = "Un <font>testo</font>.\n\n[a](niente.pdf) e {figure:niente}\n"
    files: dict[str, str | bytes] = {
        **SOUND,
        "courses/uno/index.md": f'---\ntitle: "Uno\nabstract: @polimi\nweeks: -1\nstrand: niente\n---\n{text}',
        "courses/uno/index.en.md": "---\ntitel: One\n---\nA <font>text</font>.\n",
        "courses/due/index.md": f"---\nslug: Due\nimage: {{src: no.jpg, alt: {{it: x}}}}\nstrand: niente\n---\n{text}",
        "press/2026/tre.md": "---\ntitle: Tre\npublished: ieri\nmentions: [course/niente]\n---\n",
        "courses/quattro/index.md": "Testo senza campi.\n",
        "courses/quattro/index.en.md": "---\ntitle: Four\nlevel: hard\n---\nA <font>text</font>.\n",
    }

    assert places(tmp_path, files, monkeypatch) == [
        *("courses/due/index.md:2 slug", "courses/due/index.md:2 title", "courses/due/index.md:3 image.alt"),
        *("courses/due/index.md:3 image.src", "courses/due/index.md:4 strand", "courses/due/index.md:6"),
        *("courses/due/index.md:8", "courses/due/index.md:8"),
        *("courses/quattro/index.en.md:3 level", "courses/quattro/index.en.md:5", "courses/quattro/index.md:1"),
        *("courses/uno/index.en.md:2", "courses/uno/index.en.md:4", "courses/uno/index.md:2"),
        *("courses/uno/index.md:3", "courses/uno/index.md:4 weeks", "courses/uno/index.md:5 strand"),
        *("courses/uno/index.md:7", "courses/uno/index.md:9", "courses/uno/index.md:9"),
        *("press/2026/tre.md:3 published", "press/2026/tre.md:4 mentions[0]"),
    ]


def test_what_leads_to_an_item_with_a_mistake_is_not_wrong_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files: dict[str, str | bytes] = {
        "courses/uno/index.md": "---\ntitle: Uno\nlevel: duro\n---\n",
        "courses/due/index.md": "---\ntitle: Due\nmaterials:\n  - {title: A, file: a.pdf}\n---\n",
        "courses/due/a.pdf": b"%PDF-1.4",
        "pages/home.md": "---\ntitle: Casa\n---\n[a](/corsi/uno/), [b](/feed/course/uno.rss.xml)\n",
        "redirects.yaml": "- {from: /a/, to: /corsi/uno/}\n- {from: /b, to: /c/, gone: true\n",
        "snapshots/addresses.txt": "/corsi/uno/\n/en/courses/uno/\n/media/courses/uno/a.pdf\n/b/\n",
    }

    assert places(tmp_path, files, monkeypatch) == ["courses/uno/index.md:3 level", "redirects.yaml:2"]


def test_a_build_stops_once_with_all_that_its_plugins_find() -> None:
    session = BuildSession()

    def check(path: str) -> Iterable[Problem]:
        return [Problem(path, 1, None, Message("wrong"), None)]

    session.output_checks += [lambda: check("b.yaml"), lambda: (), lambda: check("a.yaml")]

    with pytest.raises(ContentProblems) as stopped:
        session.check_outputs()

    assert [problem.path for problem in stopped.value.problems] == ["a.yaml", "b.yaml"]
