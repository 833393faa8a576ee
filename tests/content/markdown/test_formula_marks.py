"""Formulas in a text: which dollar signs make one, at any depth, and that Markdown touches none of their characters."""

import re
from html import unescape
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tests.builders import a_site
from tests.chance import examples

from openknowledge.catalogue.views.base import Segment
from openknowledge.catalogue.views.body import absolute_html
from openknowledge.content.markdown.render import READERS, render_markdown
from openknowledge.model.values import Html

ANNOTATION = re.compile(r'<annotation encoding="application/x-tex">(.*?)</annotation>', re.DOTALL)
MATH = re.compile(r"<math.*?</math>", re.DOTALL)


def formulas(text: str) -> list[str]:
    """Return the TeX of all formulas on the page of a text, the same for both readers."""
    found = [[unescape(tex) for tex in ANNOTATION.findall(html)] for html in (page(text, name) for name in READERS)]
    assert found[0] == found[1]
    return found[0]


def page(text: str, reader: str = "markdown") -> str:
    return render_markdown(text, reader).html


def words(text: str) -> str:
    """Return the page of a text, a formula as `∎`."""
    return MATH.sub("∎", page(text))


def issues(text: str) -> list[tuple[int, str]]:
    found = [[(issue.line, issue.message) for issue in render_markdown(text, reader).issues] for reader in READERS]
    assert found[0] == found[1]
    return found[0]


@pytest.mark.parametrize(
    "text",
    [
        "Costa 5 $ o 10 $.",
        "Costa $5 o $10.",
        "A$AP Rocky e Ke$ha, US$10 e AU$20, 5$-10$, 3$/4$",
        "In LaTeX si scrive \\begin{itemize} e \\frac{1}{2}.",
        "Costa 5$.",
        "Costa $3 e US$ 5, o $10 per due, cioè 20$.",
        "Da $1,50 (piccolo) a 3$; $2 alla volta, 4$!",
        "Costa 5$, o 10$ al mese.",
        "Costa 10$; prima 5$ e basta.",
        r"Costa \$5, o \$10.",
        "- Costa $5\n- o 10$ al mese",
        "| a | b |\n|---|---|\n| $5 | 6 |\n| 5 | 6$ |",
        "Uno $a\n\nb$ due.",
        "`$x$` e ``\\(a\\)``",
        "    echo $x $$ \\[ \\( $y$",
        "```sh\necho $x$ $$\n```",
        "> ```\n> echo $x$ $$\n> ```",
        "- voce\n\n        echo $x$ $$",
        "<pre>$x$</pre>",
        "[qui](https://example.org/?$a=1&$b)",
        "<https://example.org/$a$>",
        "Testo <!-- $x$ $$ \\[ --> altro.",
    ],
)
def test_what_is_no_formula_stays_text(text: str):
    assert formulas(text) == []
    assert issues(text) == []


def test_what_is_no_formula_is_shown_as_it_was_written():
    assert words(r"Costa \$5 o $10.") == "<p>Costa $5 o $10.</p>"
    assert words("    echo $$\n      $x$") == "<pre><code>echo $$\n  $x$\n</code></pre>"
    assert words("`$x$`, ``\\(a\\)`` e `\\[`") == "<p><code>$x$</code>, <code>\\(a\\)</code> e <code>\\[</code></p>"
    assert words("    $$\n      a < b\n    $$") == "<pre><code>$$\n  a &lt; b\n$$\n</code></pre>"


def test_a_formula_in_an_alternative_or_a_title_is_words() -> None:
    assert words('A ![$x^2$ "](a.png "$y_1$")') == '<p>A <img alt="x² &quot;" src="a.png" title="y₁"></p>'
    assert words('[a](/b?c=$x$ "Lo spazio $L < 2$")') == '<p><a href="/b?c=$x$" title="Lo spazio L &lt; 2">a</a></p>'
    assert issues(r"![$\frac{1$](a.png)")[0][0] == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\(a_n \to a\), $\|x\|$, $x_1 < x_2$", [r"a_n \to a", r"\|x\|", "x_1 < x_2"]),
        ("$a*b*c$ e $d_{e_f}$, $`x`$", ["a*b*c", "d_{e_f}", "`x`"]),
        (
            "$$\n\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}\n$$",
            ["\\begin{pmatrix} 1 & 2 \\\\ 3 & 4 \\end{pmatrix}"],
        ),
        ("\\[\na\n+ b\n- c\n> d\n= e\n\\]", ["a\n+ b\n- c\n> d\n= e"]),
        ("> testo $a$\n>\n> $$\n> a\n> - b\n> $$", ["a", "a\n- b"]),
        ("- voce $a$\n- altra $b$\n    - dentro $c$", ["a", "b", "c"]),
        ("1. Passo\n\n    $$\n    a\n    + b\n    $$\n\n2. Altro", ["a\n+ b"]),
        ("| $|x|$ | b |\n|---|---|\n| $\\frac{a}{b}$ | $a \\| b$ |", ["|x|", r"\frac{a}{b}", r"a \| b"]),
        ("MOOC\n:   definizione $x$", ["x"]),
        ("Nota[^1]\n\n[^1]: $n$ e $$m$$", ["n", "m"]),
        ('!!! note "Titolo $t$"\n    Dentro $d$.', ["t", "d"]),
        ("# Titolo $x$\n\n## $y$", ["x", "y"]),
        ("*$a$* **$b$** [$c$](https://example.org/) ***parole $d$***", ["a", "b", "c", "d"]),
        ("$\\text{se $x$ è pari}$ e $y$", ["\\text{se $x$ è pari}", "y"]),
        ("H$_2$O, 10$^{-3}$, 25$\\,$m", ["_2", "^{-3}", "\\,"]),
        ("$<b>x</b>$ &amp; $a$", ["<b>x</b>", "a"]),
        ("$\\{figure:pok.learners\\}$", ["\\{figure:pok.learners\\}"]),
        ("Il costo è $5 \\$$ in tutto.", ["5 \\$"]),
        ("Righe $a +\nb$ insieme.", ["a +\nb"]),
        ("\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}", ["\\begin{align}\na &= b \\\\\nc &= d\n\\end{align}"]),
        ("L’$n$-esimo e the $n$th, ($x$), $x$, $y$.", ["n", "n", "x", "x", "y"]),
        ("\\\\(a\\) e \\(b\\)", ["b"]),
    ],
)
def test_a_formula_is_read_anywhere_and_no_character_of_it_is_markdown(text: str, expected: list[str]):
    assert formulas(text) == expected
    assert issues(text) == []


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (
            "Uno\n\ndue $\\foo$.",
            3,
            r'the formula "\foo" cannot be read at character 1: the command "\foo" is not known',
        ),
        (
            "$$\na\n+ \\foo\n$$",
            3,
            r'the formula "a + \foo" cannot be read at character 6: the command "\foo" is not known',
        ),
        ("Uno\n\n$$\na\n\nb", 3, '"$$" begins a formula that is not closed'),
        ("Uno \\[ a", 1, '"\\[" begins a formula that is not closed'),
        ("Uno \\( a\n\n\\)", 1, '"\\(" begins a formula that is not closed'),
        ("$$ $$", 1, 'the formula "" cannot be read at character 1: it is empty'),
        (
            "> a\n> $$\n> \\foo\n> $$",
            3,
            r'the formula "\foo" cannot be read at character 2: the command "\foo" is not known',
        ),
        ("Uno\n\n\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}", 3, '"\\begin{pmatrix}" stands outside of a formula'),
        ("\\begin{align} a", 1, '"\\begin{align}" begins a formula that is not closed'),
        ("Vedi \\eqref{eq:no}.", 1, 'no equation of this text has the label "eq:no"'),
        ("$$a\\label{x}$$\n\n$$b\\label{eq:x}$$", 3, 'two equations have the label "eq:x"'),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(text: str, line: int, message: str):
    assert issues(text) == [(line, message)]


def test_nothing_is_left_of_the_further_lines_of_a_formula():
    for text in ("Uno $a\n  + b$, due.", "- Uno $a\n    = b$, due.", "> Uno $a\n>   + b$, due."):
        assert [
            tex for reader in READERS for tex in re.findall(r"Uno ∎, due\.", MATH.sub("∎", page(text, reader)))
        ] == ["Uno ∎, due."] * 2


def test_two_equal_formulas_that_cannot_be_read_are_told_each_with_its_line():
    text = "```\ncodice\n```\n\n$\\foo$\n\n- $\\foo$\n\n| a | $\\foo$ |\n|---|---|\n| b | c |\n\n[^1]: $\\foo$\n\nx[^1]"

    assert [line for line, _ in issues(text)] == [5, 7, 9, 13]


def test_an_equation_with_a_label_has_a_number_that_text_refers_to():
    text = (
        "Vedi \\eqref{eq:b} e \\ref{a}.\n\n$$x \\label{a}$$\n\n$$y$$\n\n$$z \\label{eq:b}$$\n\n"
        "$$w \\tag{*} \\label{c}$$ \\eqref{c}"
    )

    assert words(text).startswith('<p>Vedi <a href="#eq:b">(2)</a> e <a href="#eq:a">1</a>.</p>')
    assert words(text).endswith('<a href="#eq:c">(*)</a></p>')
    assert re.findall(r'id="([^"]*)"', page(text)) == ["eq:a", "eq:b", "eq:c"]
    assert formulas(text) == ["x \\label{a}", "y", "z \\label{eq:b}", "w \\tag{*} \\label{c}"]


PIECES = st.sampled_from(
    [
        *("x", "y_1", "a*b*c", "_d_", r"\|", r"\\", r"\alpha ", "{", "}", "<b>", "&", "&amp;", "`", "[z](w)", "|", "~"),
        *("#", "!", "{figure:pok.learners}", "\n+ ", "\n- ", "\n> ", "\n# ", "\n1. ", "\n    ", ": ", "[^1]", "è", '"'),
        *("*[MOOC]: ", "'", "^2", "~~~ ", "``` "),
    ]
)
PLACES = (
    "{}",
    "- {}",
    "> {}",
    "1. uno\n\n    {}",
    "# {}",
    "*{}*",
    "Nota[^1]\n\n[^1]: {}",
    "MOOC\n:   {}",
    "!!! note\n    {}",
)


@given(
    st.lists(PIECES, min_size=1, max_size=12), st.sampled_from(PLACES), st.sampled_from([("$$", "$$"), (r"\[", r"\]")])
)
@settings(max_examples=examples(150), database=None)
def test_every_character_of_a_formula_arrives_wherever_it_stands(pieces, place, around):
    """As TeX beside its MathML, or word by word where it cannot be read, which is told."""
    tex = "".join(["a", *pieces, "a"])
    assume(not re.search(r"\n[\s>]*\n|\n(?:[+>-]|1\.)? *(?:~~~|```)", tex))
    indent = {"> {}": "> ", "1. uno\n\n    {}": "    ", "!!! note\n    {}": "    ", "MOOC\n:   {}": "    "}.get(
        place, ""
    )
    tex = tex.replace("\n> ", "\n= ") if place == "> {}" else tex
    tex = tex.replace("\n", " ") if place in ("# {}", "- {}", "*{}*", "Nota[^1]\n\n[^1]: {}") else tex
    text = place.format(f"{around[0]}{tex}{around[1]}".replace("\n", f"\n{indent}"))

    for reader in READERS:
        shown = render_markdown(text, reader)
        html = shown.html
        found = [unescape(one) for one in ANNOTATION.findall(html)]
        arrived = found[0] if found else unescape(html)
        assert found or any("cannot be read" in issue.message for issue in shown.issues), text
        assert without_blanks(tex) in without_blanks(arrived), text


def without_blanks(text: str) -> str:
    return "".join(text.split())


EDITORS = (Path(__file__).parents[3] / "docs/editors.md").read_text("utf-8").partition("\n### Formulas\n")[2]
ROWS = [row.split(" | ")[0] for row in EDITORS.partition("\n### ")[0].split("\n") if row.startswith("| `")]
EXAMPLES = [code for row in ROWS for code in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("example", EXAMPLES)
def test_what_editors_are_shown_of_formulas_is_on_the_page_and_in_the_feed(example: str):
    """Each example of docs/editors.md, through both readers and the sanitiser to a page, and from there to a feed."""
    is_text = example.startswith(("$5", "$10", "5 $", "costa", r"\$"))
    is_picture = example.startswith("![")
    is_reference = "ref{" in example
    text = f"Uno {example} due."
    if is_reference:
        text += "\n\n$$E = mc^2 \\label{eq:energy}$$"
    tex = (
        []
        if is_text or is_picture
        else ["E = mc^2 \\label{eq:energy}"]
        if is_reference
        else [re.sub(r"^(\$+|\\[(\[])|(\$+|\\[)\]])$", "", example)]
    )

    assert formulas(text) == tex
    assert issues(text) == []
    if is_text:
        assert words(text) == f"<p>Uno {example.removeprefix(chr(92))} due.</p>"
    if is_picture:
        assert 'alt="la curva x²"' in words(text)
    if is_reference:
        assert '<a href="#eq:energy">' in words(text)
    feed = in_a_feed(page(text))
    assert [unescape(one) for one in re.findall(r'<math[^>]* alttext="([^"]*)"', feed)] == tex
    assert "<annotation" not in feed
    assert feed.count("<math") == feed.count("</math>") == len(tex)


def in_a_feed(html: str) -> str:
    return absolute_html(a_site(), (Segment(html=Html(html)),), "it", "/corsi/x/")
