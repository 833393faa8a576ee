"""A formula as plain text, where no MathML can be shown: `x²`, `(a + b)/2`, `√(x)`, `∫_a^b f(x) dx`."""

import re
from collections.abc import Callable, Iterator
from html import escape, unescape
from xml.etree.ElementTree import Element, ParseError, fromstring

__all__ = ["replace_formulas"]

FORMULA = re.compile(r"<math\b.*?</math>", re.DOTALL)
SUPERSCRIPTS = str.maketrans("0123456789+-−=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿ")
SUBSCRIPTS = str.maketrans("0123456789+-−=()", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎")
SIMPLE = re.compile(r"[\w.,]+|\W")
SINGLE = re.compile(r"[\d.,]+|\w|\W")
SPACED = frozenset("=≠≈≡<>≤≥+±→⇒⇔↔∈∉⊂⊆∪∩∧∨×⋅∘∼≅↦−-")
HIDDEN = ("annotation", "annotation-xml", "mphantom")


def replace_formulas(markup: str) -> str:
    """Return markup with its formulas as words, escaped."""
    return FORMULA.sub(lambda match: escape(_formula_words(match[0]), quote=False), markup)


def _formula_words(mathml: str) -> str:
    try:
        root = fromstring(mathml)
    except ParseError:
        return unescape(re.sub(r"<annotation\b.*?</annotation>|<[^>]*>", "", mathml, flags=re.DOTALL))
    return " ".join(_words(root).split())


def _words(element: Element) -> str:
    """Return an element as words; those inside one row follow each other."""
    name = element.tag.rpartition("}")[2]
    if name in HIDDEN:
        return ""
    write = WRITERS.get(name)
    parts = [child for child in element if child.tag.rpartition("}")[2] not in HIDDEN]
    if write is not None and parts:
        return write([_words(child) for child in parts])
    if name == "mo":
        sign = (element.text or "").strip()
        return f" {sign} " if sign in SPACED else sign.replace("\u2061", " ").replace("\u2062", "")
    return (element.text or "").replace("\xa0", " ") + "".join(_in_row(parts))


def _in_row(parts: list[Element]) -> Iterator[str]:
    for number, child in enumerate(parts):
        name = child.tag.rpartition("}")[2]
        # A sign at the beginning belongs to what follows it.
        yield _words(child).strip() if number == 0 and name == "mo" else _words(child)
        yield " " if name == "mspace" else ""


def _group(words: str, simple: re.Pattern[str] = SIMPLE) -> str:
    words = words.strip()
    return words if simple.fullmatch(words) else f"({words})"


def _script(words: str, sign: str, signs: dict[int, int]) -> str:
    words = words.strip()
    if words and all(ord(character) in signs for character in words):
        return words.translate(signs)
    return f"{sign}{_group(words, SINGLE)}" if words else ""


def _below(words: str) -> str:
    return _script(words, "_", SUBSCRIPTS)


def _above(words: str) -> str:
    return _script(words, "^", SUPERSCRIPTS)


WRITERS: dict[str, Callable[[list[str]], str]] = {
    "mfrac": lambda parts: f"{_group(parts[0])}/{_group(parts[-1])}",
    "msqrt": lambda parts: f"√{_group(''.join(parts))}",
    "mroot": lambda parts: f"{_above(parts[-1])}√{_group(parts[0])}",
    **dict.fromkeys(("msup", "mover"), lambda parts: parts[0].rstrip() + _above(parts[-1])),
    **dict.fromkeys(("msub", "munder"), lambda parts: parts[0].rstrip() + _below(parts[-1]) + " "),
    **dict.fromkeys(
        ("msubsup", "munderover"), lambda parts: parts[0].rstrip() + _below(parts[1]) + _above(parts[-1]) + " "
    ),
    "mtable": "; ".join,
    "mtr": ", ".join,
    "semantics": lambda parts: parts[0],
}
"""How an element is written, from the words of its parts."""
