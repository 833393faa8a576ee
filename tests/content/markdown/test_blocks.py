"""Code at any depth, boxes that fold or count, tables that align and figures with captions."""

from __future__ import annotations

import re
from pathlib import Path
from subprocess import CompletedProcess, TimeoutExpired
from textwrap import indent

import pytest
from tests.builders import problems

from openknowledge.content.markdown import diagrams
from openknowledge.content.markdown.highlighting import find_unknown_languages
from openknowledge.content.markdown.render import READERS, render_markdown

CODE = '<pre><code class="language-python">for x in y:\n    pass\n</code></pre>'


def fence(prefix: str, mark: str = "```", info: str = "python") -> str:
    return "\n".join(f"{prefix}{row}" for row in (f"{mark}{info}", "for x in y:", "    pass", mark))


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        (fence(""), ""),
        (fence("", "~~~"), ""),
        (fence("", "````"), ""),
        ("Testo:\n" + fence("") + "\ne ancora.", ""),
        ("1. Uno:\n\n" + fence("    ") + "\n\n2. Due.", "li"),
        ("1. Uno:\n\n" + fence("   ") + "\n\n2. Due.", "li"),
        ("- Uno:\n\n" + fence("  ") + "\n\n- Due.", "li"),
        ("- Uno:\n" + fence("  ") + "\n- Due.", "li"),
        ("- Uno\n    - Due:\n\n" + fence("        "), "li>\n</ul>\n</li"),
        ("- Uno\n    - Due:\n\n" + fence("      "), "li>\n</ul>\n</li"),
        ("10. Uno:\n\n" + fence("    "), "li"),
        ("> Uno:\n>\n" + fence("> "), "blockquote"),
        ("> - Uno:\n>\n" + fence(">   "), "li>\n</ul>\n</blockquote"),
        ('!!! note "Uno"\n\n' + fence("    "), "div"),
        ('??? solution "Uno"\n    Ecco:\n' + fence("    "), "details"),
        ("Uno\n:   Due:\n\n" + fence("    "), "dd"),
        ("Uno[^1].\n\n[^1]: Nota:\n\n" + fence("    "), "p"),
        ("- " + fence("  ")[2:], "li"),
        ("<details><summary>Uno</summary>\n" + fence("") + "\n</details>", "details"),
    ],
)
def test_a_block_of_code_is_read_at_any_depth(text: str, parent: str) -> None:
    rendered = render_markdown(text)

    assert CODE in rendered.html
    assert not rendered.issues
    after = rendered.html.partition(CODE)[2].lstrip()
    assert after.startswith(f"</{parent}>") or (not parent and after in ("", "<p>e ancora.</p>")) or parent == "p"


@pytest.mark.parametrize("text", ["    ```python\n    x\n    ```", "`````\n```python\nx\n```\n`````"])
def test_a_fence_inside_code_is_code(text: str) -> None:
    markup = render_markdown(text).html

    assert "```python" in markup
    assert markup.count("<pre>") == 1


@pytest.mark.parametrize("reader", READERS)
def test_code_is_highlighted_with_classes_and_keeps_every_character(reader: str) -> None:
    markup = render_markdown('```python\nx = "<b>"  # 1\n```', reader).html

    assert '<span class="code-text">"&lt;b&gt;"</span>' in markup
    assert '<span class="code-comment"># 1</span>' in markup
    assert "style=" not in markup
    assert re.sub("</?span[^>]*>", "", markup) == (
        '<pre><code class="language-python">x = "&lt;b&gt;"  # 1\n</code></pre>'
    )


def test_code_has_a_title_and_highlighted_lines_where_they_are_given() -> None:
    markup = render_markdown('```python title="main.py" hl_lines="2-3"\na\nb\nc\nd\n```').html

    assert markup == (
        '<figure class="code"><figcaption>main.py</figcaption><pre><code class="language-python">'
        "a\n<mark>b</mark>\n<mark>c</mark>\nd\n</code></pre></figure>"
    )


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("Uno\n\n```python\nx", 3, "never closed"),
        ("- a\n\n  ~~~\n  x\n\nDue", 3, "never closed"),
        ("```python linenums=1\nx\n```", 1, "linenums"),
        ("```python il primo esempio\nx\n```", 1, "il primo esempio"),
        ("```python hl_lines=7\nx\n```", 1, "hl_lines"),
        ('\n```python hl_lines="b"\nx\n```', 2, "hl_lines"),
        ("```python hl_lines=1-999999\nx\n```", 1, "hl_lines"),
        ("!!! note Prima di tutto\n    Testo", 1, "first line of a box"),
        ("Uno\n\n!!! note “Prima”\n    Testo", 3, "first line of a box"),
        ("??? solution\nTesto", 1, "no text"),
        ("- a\n\n    !!! note\n\n    Testo", 3, "no text"),
        ("!!! theorem {#thm:a}\n    x\n\n!!! lemma {#thm:a}\n    y", 4, "#thm:a"),
        ("[](https://example.org/)", 1, "has no words"),
        ("| a | b |\n|---|---|\n| c | d |\n| c | d | e |", 4, "more cells"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_what_cannot_be_shown_as_it_is_meant_is_named_with_its_line(
    text: str, line: int, message: str, reader: str
) -> None:
    (issue,) = render_markdown(text, reader).issues

    assert issue.line == line
    assert message in issue.message
    assert issue.hint.endswith((".", '"'))


@pytest.mark.parametrize(
    "text",
    [
        "<details>\n<summary>Una *soluzione*</summary>\n\nÈ **42**.\n\n</details>",
        "<details><summary>Una *soluzione*</summary>\nÈ **42**.\n</details>",
        "<details>\n  <summary>\n    Una *soluzione*\n  </summary>\n  È **42**.\n</details>",
        "<details><summary>Una *soluzione*</summary>È **42**.</details>",
        '??? details "Una *soluzione*"\n    È **42**.',
        '??? details "Una *soluzione*"\n\n    È **42**.',
    ],
)
def test_a_box_that_folds_is_read_with_its_markdown(text: str) -> None:
    rendered = render_markdown(text)

    assert rendered.html == (
        '<details class="admonition details">\n<summary class="admonition-title">Una <em>soluzione</em></summary>\n'
        "<p>È <strong>42</strong>.</p>\n</details>"
    )
    assert not rendered.issues


def test_boxes_fold_inside_lists_and_each_other_and_may_be_open() -> None:
    inner = "<details open>\n<summary>Due</summary>\n\n- uno\n\n</details>"
    outer = f"<details>\n<summary>Uno</summary>\n\n{inner}\n\n</details>"
    markup = render_markdown("1. Esercizio\n\n" + indent(outer, "    ")).html

    assert markup.count("<details") == markup.count("</details>") == 2
    assert '<details class="admonition details" open="">' in markup
    assert markup.endswith("</details>\n</details>\n</li>\n</ol>")


def test_a_box_that_folds_may_stand_in_a_quote_and_have_html_in_it() -> None:
    quoted = render_markdown("> <details>\n> <summary>Uno</summary>\n>\n> **due**\n>\n> </details>").html
    mixed = render_markdown("<details>\n<summary>Uno</summary>\n<p>due</p>\n<ul><li>tre</li></ul>\n</details>").html

    assert '<summary class="admonition-title">Uno</summary>\n<p><strong>due</strong></p>\n</details>' in quoted
    assert '<summary class="admonition-title">Uno</summary>\n<p>due</p>\n<ul><li>tre</li></ul>\n</details>' in mixed


def test_boxes_are_numbered_by_kind_and_referred_to_by_their_labels() -> None:
    markup = render_markdown(
        "!!! theorem\n    Uno.\n\n!!! lemma\n    Due.\n\n"
        '!!! theorem "Pitagora" {#thm:p}\n    Tre.\n\n!!! proof\n    Quattro.\n\nPer il [](#thm:p) e [quello](#thm:p).'
    ).html

    word = '<data class="word" value="theorem 2"></data>'
    assert f'<div class="admonition theorem" id="thm:p">\n<p class="admonition-title">{word} (Pitagora)</p>' in markup
    assert '<data class="word" value="lemma 1"></data>' in markup
    assert '<data class="word" value="proof"></data>' in markup
    assert f'Per il <a href="#thm:p">{word}</a> e <a href="#thm:p">quello</a>.' in markup


def test_a_link_to_a_box_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, {"courses/a/index.md": "---\ntitle: A\n---\nUno\n\nIl [](#thm:b).\n"})

    assert problem.startswith("content/courses/a/index.md:6: ")
    assert "#thm:b" in problem


def test_a_link_without_words_to_a_heading_has_the_words_of_the_heading() -> None:
    assert '<a href="#uno-due">Uno due</a>' in render_markdown("## Uno *due*\n\nVedi [](#uno-due).").html


def test_a_box_of_an_unknown_kind_is_shown_with_its_kind() -> None:
    assert '<p class="admonition-title"><span>Curiosità</span></p>' in render_markdown("!!! curiosità\n    Uno.").html


@pytest.mark.parametrize("reader", READERS)
def test_a_table_aligns_by_class_and_has_heads_of_rows_where_a_column_is_strong(reader: str) -> None:
    rendered = render_markdown("| a | b | c |\n|:--|--:|:-:|\n| **d** | 1 | 2 |\n| **e** | 3 | 4 |", reader)

    assert not rendered.is_fallback
    assert '<th class="align-left">a</th>' in rendered.html
    assert '<th class="align-left" scope="row">d</th>' in rendered.html
    assert '<td class="align-right">1</td>' in rendered.html
    assert '<td class="align-center">2</td>' in rendered.html


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_line_with_a_colon_under_a_table_or_picture_is_its_caption(gap: str) -> None:
    table = render_markdown(f"| a | b |\n|---|---|\n| c | d |{gap}: Le *ore*").html
    picture = render_markdown("![una lavagna](b.jpg)\n\n: Una *lavagna*").html

    assert table.startswith("<table><caption>Le <em>ore</em></caption>")
    assert re.fullmatch(r"<figure>\s*<img [^>]*>\s*<figcaption>Una <em>lavagna</em></figcaption>\s*</figure>", picture)


@pytest.mark.parametrize("reader", READERS)
def test_a_title_of_a_picture_alone_in_its_paragraph_is_its_caption(reader: str) -> None:
    markup = render_markdown('![una lavagna](b.jpg "Una lavagna")', reader).html

    assert re.fullmatch(r"<figure><img [^>]*><figcaption>Una lavagna</figcaption></figure>", markup)
    assert "title=" not in markup


def test_a_picture_has_a_credit_like_that_of_a_cover() -> None:
    rendered = render_markdown(
        '![una lavagna](b.jpg "Una lavagna"){author="Ada Rossi" publisher="Unsplash" url="https://unsplash.com/?a=1&b=2"}'
    )

    credit = '<a href="https://unsplash.com/?a=1&amp;b=2">Ada Rossi, Unsplash</a>'
    assert f'<figcaption>Una lavagna <span class="figure-credit">{credit}</span></figcaption>' in rendered.html
    assert not rendered.issues


@pytest.mark.parametrize("reader", READERS)
def test_a_diagram_is_drawn_without_what_could_run_or_be_found_twice(
    reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script>x()</script><g id="node1" onclick="x()">'
        b'<title>a</title><style>g { fill: red }</style><path stroke="black" d="M0,0"/><a href="javascript:x()">'
        b"<text>A &amp; B</text></a></g></svg>"
    )
    monkeypatch.setattr(diagrams, "tool_version", lambda: "1")
    monkeypatch.setattr(diagrams.subprocess, "run", lambda *args, **options: CompletedProcess(args, 0, drawn, b""))

    rendered = render_markdown('```dot title="Un <grafo>"\ngraph { a -- b }\n```', reader)

    assert (
        '<figure class="diagram"><div class="diagram-drawing" role="img" tabindex="0" aria-label="Un &lt;grafo&gt;">'
        in rendered.html
    )
    assert '<path d="M0,0" stroke="currentColor"></path>' in rendered.html
    assert '<text fill="currentColor">A &amp; B</text>' in rendered.html
    assert not re.search("script|onclick|id=|title|style|href", rendered.html)
    assert not rendered.issues


def test_all_diagrams_of_a_text_have_the_time_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program is another process, whose time the limit of a text does not count."""
    spent_s: list[float] = []

    def run(arguments: list[str], timeout: float, **_: object) -> CompletedProcess[bytes]:
        spent_s.append(timeout if spent_s else 6)
        if spent_s[-1] == timeout:
            raise TimeoutExpired(arguments, timeout)
        return CompletedProcess(arguments, 0, b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0,0"/></svg>', b"")

    monkeypatch.setattr(diagrams, "tool_version", lambda: "1")
    monkeypatch.setattr(diagrams, "children_s", lambda: sum(spent_s))
    monkeypatch.setattr(diagrams.subprocess, "run", run)

    rendered = render_markdown("\n\n".join(f'```dot title="D{n}"\ngraph {{ a }}\n```' for n in range(9)))

    assert spent_s == [6, 10]
    assert [issue.line for issue in rendered.issues] == [1 + 4 * n for n in range(1, 9)]


@pytest.mark.parametrize(
    ("shape", "is_coloured"),
    [
        *(('<path fill="yellow"/>', True), ('<path stroke="#ff0000"/>', True), ('<text fill="blue">a</text>', True)),
        *(('<path fill="none" stroke="black"/>', False), ("<text>a</text>", False)),
        ('<polygon fill="transparent" stroke="transparent"/>', False),
    ],
)
def test_a_diagram_with_colours_of_its_own_is_shown_on_white(
    shape: str, is_coloured: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """White letters on yellow, or blue ones on black, would be read by nobody in the dark."""
    drawn = f'<svg xmlns="http://www.w3.org/2000/svg">{shape}</svg>'.encode()
    monkeypatch.setattr(diagrams, "tool_version", lambda: "1")
    monkeypatch.setattr(diagrams.subprocess, "run", lambda *args, **options: CompletedProcess(args, 0, drawn, b""))

    markup = render_markdown('```dot title="Uno"\ngraph { a }\n```').html

    assert ("diagram-coloured" in markup) == is_coloured


def test_a_diagram_that_cannot_be_drawn_is_named_with_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = CompletedProcess([], 1, b"", b"Error: <stdin>: syntax error in line 2\n")
    monkeypatch.setattr(diagrams, "tool_version", lambda: "1")
    monkeypatch.setattr(diagrams.subprocess, "run", lambda *args, **options: failed)

    (issue,) = render_markdown('Uno\n\n```dot title="Un grafo"\ngraph {\n```').issues

    assert issue.line == 3
    assert "syntax error in line 2" in issue.message


def test_a_diagram_without_the_tool_is_code_with_a_remark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagrams, "tool_version", lambda: "")
    text = 'Uno\n\n```dot title="Un grafo"\ngraph { a }\n```\n\n```mermaid title="Due"\nx\n```'

    assert '<code class="language-dot">' in render_markdown(text).html
    assert [(issue.line, issue.message) for issue in diagrams.find_undrawn(text)] == [
        (3, "a diagram is shown as code"),
        (7, "a diagram is shown as code"),
    ]


@pytest.mark.parametrize("reader", READERS)
def test_a_diagram_without_a_title_is_named(reader: str) -> None:
    (issue,) = render_markdown("```mermaid\ngraph\n```", reader).issues

    assert "no title" in issue.message


def test_a_language_without_colours_is_named_with_one_that_is_near() -> None:
    (issue,) = find_unknown_languages("Uno\n\n```pyhton\nx\n```\n\n```text\nx\n```\n\n```python\nx\n```")

    assert issue.line == 3
    assert 'Did you mean "python"?' in issue.hint
