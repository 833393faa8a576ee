"""Formulas in TeX are MathML, or it is said what cannot be read in them and where."""

import re
from html import unescape
from pathlib import Path

import html5lib
import pytest

from openknowledge.content.markdown.chemistry import chemistry_to_tex
from openknowledge.content.markdown.formulas import (
    MATHML_ATTRIBUTES,
    MATHML_TAGS,
    FormulaError,
    FormulaWriter,
    without_annotations,
)

CORPUS = Path(__file__).with_name("formulas.txt").read_text(encoding="utf-8").splitlines()
FORMULAS = [row for row in CORPUS if row and not row.startswith("# ")]
ENDS = "</annotation></semantics></math>"
OPEN_TAG = re.compile(r"<([a-z]+)((?: [a-z]+=\"[^\"]*\")*)>")
ATTRIBUTE = re.compile(r" ([a-z]+)=")


def render_formula(tex: str, *, display: bool) -> str:
    return FormulaWriter().write(tex, display=display).mathml


def annotation(mathml: str) -> str:
    return unescape(mathml.partition('<annotation encoding="application/x-tex">')[2].removesuffix(ENDS))


def presentation(tex: str) -> str:
    """Return what is shown of a displayed formula."""
    return render_formula(tex, display=True).partition("<mrow>")[2].rpartition("</mrow><annotation")[0]


def refusal(tex: str) -> FormulaError:
    with pytest.raises(FormulaError) as caught:
        render_formula(tex, display=True)
    return caught.value


def test_every_formula_of_the_corpus_becomes_mathml_core_with_its_tex():
    """The corpus has what open textbooks of mathematics, physics, chemistry and computing have."""
    assert len(FORMULAS) > 380
    for tex in FORMULAS:
        for display in (True, False):
            if not display and re.search(r"\\(?:tag|label|begin\{(?:equation|align|gather|multline))|\\\\ c", tex):
                continue
            mathml = render_formula(tex, display=display)
            assert annotation(mathml) == tex
            assert mathml.startswith('<math display="block">' if display else "<math>")
            for tag, attributes in OPEN_TAG.findall(mathml):
                assert tag in MATHML_TAGS
                allowed = MATHML_ATTRIBUTES.get(tag, set()) | MATHML_ATTRIBUTES["*"]
                assert set(ATTRIBUTE.findall(attributes)) <= allowed


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        ("3,14", "<mn>3,14</mn>"),
        ("3{,}14", "<mn>3,14</mn>"),
        ("12.345{,}67", "<mn>12.345,67</mn>"),
        (r"\frac{3,14}{2}", "<mn>3,14</mn>"),
        ("(0,1)", "<mn>0</mn><mo>,</mo><mn>1</mn>"),
        ("x_{1,2}", "<mn>1</mn><mo>,</mo><mn>2</mn>"),
    ],
)
def test_a_comma_between_digits_is_decimal_unless_they_are_a_pair(tex: str, expected: str):
    assert expected in presentation(tex).replace(' rspace="0"', "")


@pytest.mark.parametrize(
    ("formula", "tex"),
    [
        ("H2O", r"\mathrm{H}_{2}\mathrm{O}"),
        ("NO3-", r"\mathrm{NO}_{3}^{-}"),
        ("SO4^2-", r"\mathrm{SO}_{4}^{2-}"),
        ("^{14}_6C", r"{}^{14}_{6}\mathrm{C}"),
        ("1/2O2", r"\tfrac{1}{2}\,\mathrm{O}_{2}"),
        ("CuSO4*5H2O", r"\mathrm{CuSO}_{4}\cdot 5\,\mathrm{H}_{2}\mathrm{O}"),
        ("A + B -> C", r"\mathrm{A} {}+{} \mathrm{B} \longrightarrow \mathrm{C}"),
        ("A <=>[H2O] B", r"\mathrm{A} \xrightleftharpoons[]{\mathrm{H}_{2}\mathrm{O}}\mathrm{B}"),
        ("CH2=CH-C#N", r"\mathrm{CH}_{2}\mathord{=}\mathrm{CH}\text{–}\mathrm{C}\mathord{\equiv}\mathrm{N}"),
        ("CO2 ^", r"\mathrm{CO}_{2} \uparrow "),
        ("AgCl v", r"\mathrm{AgCl} \downarrow "),
        ("H2O (l)", r"\mathrm{H}_{2}\mathrm{O}\ (\mathrm{l})"),
    ],
)
def test_chemistry_is_written_as_mhchem_means_it(formula: str, tex: str):
    assert chemistry_to_tex(formula) == tex
    assert render_formula(rf"\ce{{{formula}}}", display=False)


@pytest.mark.parametrize(
    ("tex", "position", "reason"),
    [
        (r"a + \foo", 4, r'the command "\foo" is not known'),
        (r"\text{è} + \foo", 11, r'the command "\foo" is not known'),
        (r"3,14 + \foo", 7, r'the command "\foo" is not known'),
        (r"\ce{H2O} + \foo", 11, r'the command "\foo" is not known'),
        ("\\begin{split} a \\\\[4pt]\n b \\end{split} \\foo", 39, r'the command "\foo" is not known'),
        (r"a = b \label{x} \foo", 16, r'the command "\foo" is not known'),
        (r"\begin{tikzpicture}", 6, 'the environment "tikzpicture" is not known'),
        (r"\color{rosso} x", 6, 'the colour "rosso" is not known'),
        (r"\frac{1}", 8, "it ends where something must follow"),
        (r"x}", 1, '"}" closes what was not opened'),
        (r"a & b", 2, '"&" stands outside of a matrix or another environment of columns'),
        (r"x_1_2", 3, "a second index or exponent follows; put braces around the first"),
        ("50 % di x", 3, '"%" begins a remark in TeX, and the rest would be lost'),
        (r"\ce{H2€}", 6, '"€" cannot be read in a chemical formula'),
        (r"\ce{A ->[x€] B}", 10, '"€" cannot be read in a chemical formula'),
        (r"\eqref{eq:x}", 0, r'"\eqref" stands inside a formula'),
        (" ", 0, "it is empty"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_position(tex: str, position: int, reason: str):
    error = refusal(tex)

    assert (error.position, error.message) == (position, reason)
    assert error.hint


def test_units_that_are_written_with_siunitx_are_refused_with_what_to_write():
    for tex in (r"\si{\metre}", r"\qty{3e8}{m/s}", r"\SI{3}{\metre}", r"\num{1e3}", r"\pu{1 m}"):
        assert r"\mathrm{m/s^2}" in refusal(tex).hint


@pytest.mark.parametrize(
    "tex",
    [
        r"\href{javascript:alert(1)}{x}",
        r"\url{http://example.org/}",
        r"\htmlClass{a}{x}",
        r"\htmlStyle{color:red}{x}",
        r"\class{a}{x}",
        r"\includegraphics{x.png}",
        r"\def\a{\a\a}\a",
        r"\newcommand{\a}{b}",
        r"\let\a=b",
        "{" * 100_000,
        r"\color{red;background:url(//example.org)} x",
        r"\hspace{-1000em} x",
        r"\frac" * 1000,
        r"\frac1" * 800 + "x",
        r"\sqrt" * 900 + "x",
        r"\left(" * 700 + r"\right)" * 700,
        r"\begin{matrix}" * 100 + r"\end{matrix}" * 100,
        *("(" * 40, "[" * 400, r"\{" * 40, r"\langle " * 40, r"\sin(" * 24, r"\ce{" + "(" * 50 + "}"),
        *(r"\ulcorner " * 40, r"\llbracket " * 40, "⟨" * 40),
        "{(" * 40 + "}" * 40 + ")" * 40,
    ],
)
def test_a_hostile_formula_is_refused(tex: str):
    """Native code that recurses deeply has a stack of its own, so none of these ends the process."""
    assert refusal(tex).message


@pytest.mark.parametrize(
    "tex", [r"\text{<script>alert(1)</script>}", "a<b>c</b>", r"x \tag{<img src=x onerror=y>}", '"']
)
def test_what_looks_like_markup_in_a_formula_is_text(tex: str):
    mathml = render_formula(tex, display=True)

    assert annotation(mathml) == tex
    assert not re.search(r"<(?:script|img|b)\b", mathml)
    assert not re.search(r"\s(?:on\w+|style|href|src)=", re.sub(r">[^<]*<", "><", mathml))


def test_a_feed_has_the_tex_of_a_formula_once_and_as_an_attribute():
    mathml = render_formula(r'a < b \text{ "è" }', display=False)

    shown = without_annotations(f"<p>Uno {mathml} e {mathml}</p>")

    assert shown.count(' alttext="a &lt; b \\text{ &quot;è&quot; }"') == 2
    assert "annotation" not in shown
    assert "semantics" not in shown
    assert html5lib.HTMLParser(strict=True).parseFragment(shown) is not None
