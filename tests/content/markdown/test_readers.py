"""Both readers make the same document of every text, and the fast one renders as many as possible."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from tests.chance import examples
from tests.content.markdown.texts import DOCUMENTS, Case, cases, own_texts
from tests.work import processor_limit

from openknowledge.content.markdown import render
from openknowledge.content.markdown.fast import normalize
from openknowledge.content.markdown.portability import is_portable
from openknowledge.content.markdown.portability_lint import canonical_markup, lint
from openknowledge.content.markdown.render import READERS, check_reader, render_markdown

OWN_TEXTS = own_texts()
MANY = settings(max_examples=examples(300))


def test_there_are_enough_cases_and_their_names_are_unique() -> None:
    names = [case.name for case in cases()]

    assert len(names) >= 200
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_both_readers_make_the_same_document_of_each_case(case: Case) -> None:
    fast = render_markdown(case.text, "fast")

    assert canonical_markup(fast.html) == canonical_markup(render_markdown(case.text).html)
    assert fast.is_fallback is not case.is_fast


@pytest.mark.parametrize("path", OWN_TEXTS)
def test_both_readers_make_the_same_document_of_the_repositorys_texts(path: str) -> None:
    assert canonical_markup(render_markdown(OWN_TEXTS[path], "fast").html) == canonical_markup(
        render_markdown(OWN_TEXTS[path]).html
    )


def test_the_fast_reader_renders_nearly_all_of_the_repositorys_texts() -> None:
    left = [path for path, text in OWN_TEXTS.items() if render_markdown(text, "fast").is_fallback]

    assert len(left) <= len(OWN_TEXTS) / 20, left


@given(DOCUMENTS)
@MANY
def test_both_readers_make_the_same_document_of_any_text(text: str) -> None:
    assert canonical_markup(render_markdown(text, "fast").html) == canonical_markup(render_markdown(text).html)


EXAMPLES = re.findall(
    r"^(?P<fence>`{3,})markdown\n(.*?)^(?P=fence)$",
    (Path(__file__).parents[3] / "docs/editors.md")
    .read_text("utf-8")
    .partition("\n## Text\n")[2]
    .partition("\n## Numbers\n")[0],
    re.DOTALL | re.MULTILINE,
)


def test_both_readers_make_the_same_document_of_the_examples_for_editors() -> None:
    assert len(EXAMPLES) > 3
    for _, text in EXAMPLES:
        assert canonical_markup(render_markdown(text, "fast").html) == canonical_markup(render_markdown(text).html)
        assert lint(text) == ()


UNCLOSED = (
    *("- a\n    - b\n", "- a\n\n", "> a\n", "parola\n", "*a **b _c ", "[a](b ", "[a](b(c", "`a ", "![", "[^1]: a\n"),
    "| `a ",
)


@pytest.mark.parametrize("piece", UNCLOSED)
def test_a_long_text_that_never_closes_what_it_opens_is_matched_without_backtracking(piece: str) -> None:
    text = f"{piece * 1000}\n\n<"

    with processor_limit(30):
        is_portable(normalize(text))


def test_a_part_of_the_random_texts_is_portable() -> None:
    are_portable = []

    @given(DOCUMENTS)
    @settings(MANY, max_examples=examples(100), database=None, derandomize=True)
    def render(text: str) -> None:
        are_portable.append(not render_markdown(text, "fast").is_fallback)

    render()

    assert sum(are_portable) > len(are_portable) / 20


@pytest.mark.conformance
@pytest.mark.parametrize("folder", ["seeds", "design", "."])
def test_both_readers_make_the_same_document_of_shared_texts(shared_data: Path, folder: str) -> None:
    files = [path for path in sorted((shared_data / folder).glob("*")) if path.suffix in (".md", ".txt")]

    assert files
    for path in files:
        text = path.read_text("utf-8")
        assert canonical_markup(render_markdown(text, "fast").html) == canonical_markup(render_markdown(text).html), (
            path
        )


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_the_fast_reader_accepts_all_line_ends(end: str) -> None:
    text = "## Uno\n\n- due\n    - tre\n\nfine".replace("\n", end)

    assert not render_markdown(text, "fast").is_fallback
    assert canonical_markup(render_markdown(text, "fast").html) == canonical_markup(render_markdown(text).html)


@pytest.mark.parametrize("reader", READERS)
def test_dangerous_markup_is_removed_from_both_readers(reader: str) -> None:
    markup = render_markdown("[x](javascript:void) <script>alert(1)</script>\n\n[y](data:text/html,x)", reader).html

    assert not [part for part in ("javascript:", "<script", "data:") if part in markup]


@pytest.mark.parametrize("text", ["", "  \n\n", "\t"])
def test_a_blank_text_has_no_markup(text: str) -> None:
    assert [render_markdown(text, reader).html for reader in READERS] == ["", ""]


def test_readers_are_imported_only_when_a_text_is_rendered() -> None:
    code = """if True:
        import sys
        from openknowledge.content.markdown.render import check_reader
        from openknowledge.content.markdown.render import list_placeholders, render_markdown
        engines = {"markdown", "nh3", "pyromark"}
        assert not engines & set(sys.modules), engines & set(sys.modules)
        assert check_reader("fast") is None
        assert not engines & set(sys.modules), engines & set(sys.modules)
        render_markdown("Uno", "fast")
        assert engines & set(sys.modules) == {"nh3", "pyromark"}
        render_markdown("Uno")
        assert engines <= set(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_text_can_be_rendered_in_a_thread() -> None:
    markups: list[str] = []
    thread = threading.Thread(target=lambda: markups.append(render_markdown("*Uno*", "fast").html))
    thread.start()
    thread.join()

    assert markups == ["<p><em>Uno</em></p>"]


def test_a_missing_reader_is_reported_with_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "find_spec", lambda name: None)

    assert check_reader("markdown") is None
    assert "install.py run" in str(check_reader("fast"))
    assert '"markdown" or "fast"' in str(check_reader("quick"))
