"""A formula in TeX as MathML, or what cannot be read in it and where.

math-core does the work. What it lacks is written in other words first: chemistry, the decimal comma, environments that
are another one by a second name.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache
from html import escape
from typing import Any, NamedTuple

from openknowledge.problems import Message

from .chemistry import ChemistryError, chemistry_to_tex

__all__ = ["FormulaError", "FormulaWriter", "full_label", "without_annotations"]

MAX_LENGTH = 5000
"""A formula of one-letter groups that is not longer fits `STACK_B` in math-core, which recurses in each."""
SAFE_LENGTH = 150
STACK_B = 1 << 25
MAX_DEPTH = 100
MAX_EXPANSIONS = 200
MACROS = {
    **{
        "mbox": r"\text{#1}",
        "textnormal": r"\text{#1}",
        "mathnormal": "{#1}",
        "smash": "{#1}",
        "pmb": r"\boldsymbol{#1}",
    },
    **{"substack": r"\begin{subarray}{c}#1\end{subarray}", "dotsc": r"\ldots", "dotso": r"\ldots", "dotsb": r"\cdots"},
    **{"dotsm": r"\cdots", "dotsi": r"\cdots", "abs": r"\left|#1\right|", "norm": r"\left\|#1\right\|"},
    **{"sen": r"\operatorname{sen}", "tg": r"\operatorname{tg}", "cotg": r"\operatorname{cotg}"},
    **{"arcsen": r"\operatorname{arcsen}", "arctg": r"\operatorname{arctg}", "euro": r"\text{€}"},
    **{"nobreak": "{}", "displaylimits": r"\limits", "strut": r"\mathstrut"},
}
"""Commands of TeX, amsmath and Italian textbooks that math-core does not have."""
OTHER_NAMES = {
    **{"split": "aligned", "alignedat": "aligned", "alignat": "align", "alignat*": "align*", "flalign": "align"},
    "flalign*": "align*",
}
"""Environments that are laid out as another one."""
SMALL_MATRIX = r"\begin{subarray}{cccccccccc}"
DEFINES = re.compile(r"\\(?:def|gdef|edef|xdef|let|futurelet|newcommand|renewcommand|providecommand)(?![A-Za-z])")
REFERENCE = re.compile(r"\\(?:eq)?ref(?![A-Za-z])")
OTHER_WORDS = re.compile(
    r"(?P<row>\\\\\*?(?: *\[ *-?[\d.]+ *[a-z]{2} *\])?)"
    r"|\\label *\{(?P<label>[^{}]*)\}|(?P<kept>\\tag\*? *\{[^{}]*\})"
    r"|(?P<chemistry>\\ce *(?=\{))"
    r"|\\begin *\{(?P<begin>split|flalign\*?|aligned|gathered|smallmatrix|(?P<at>alignedat|alignat\*?))\}"
    r"(?: *\[[tbc]\])?(?(at) *\{\d+\})"
    r"|\\end *\{(?P<end>split|alignedat|alignat\*?|flalign\*?|smallmatrix)\}"
    r"|(?P<space>\\hspace\*)"
    r"|\\.|(?P<comment>%)"
    r"|\$(?P<inner>(?:\\.|[^\\$])*)\$"
    r"|(?P<decimal>(?<![\d,.}_^])\d+,\d+(?![\d,]))",
    re.DOTALL,
)
"""What math-core does not read, or reads in another way than it is meant."""
ROWS = re.compile(r"\\(?:(?P<in>begin|substack)|(?P<out>end))(?![A-Za-z])|(?P<row>\\\\)|\\.", re.DOTALL)
DELIMITERS = re.compile(
    r"(?P<open>[(\[⟨⌊⌈⟦⌜⌞]|\\\{|\\(?:l(?:angle|floor|ceil|brace|brack|vert|Vert|group|moustache|paren|Brace|lbracket)"
    r"|ulcorner|llcorner|mathopen)(?![A-Za-z]))"
    r"|(?P<close>[)\]⟩⌋⌉⟧⌝⌟]|\\\}|\\(?:r(?:angle|floor|ceil|brace|brack|vert|Vert|group|moustache|paren|Brace|rbracket)"
    r"|urcorner|lrcorner|mathclose)(?![A-Za-z]))"
    r"|(?P<begin>\{)|(?P<end>\})|\\[A-Za-z]+|\\.",
    re.DOTALL,
)
MAX_UNCLOSED = 10
"""How many brackets may stay open: for each, math-core reads all that follows once more, and nothing interrupts it."""
BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
NUMBERED = re.compile(r"\\begin *\{(?:equation|align|alignat|flalign|gather|multline)\*?\}")
WITH_NUMBER = re.compile(r"\\(?:label|tag\*?) *\{")
LABEL_CELL = re.compile(r'id="([^"]*)"><mtext>(.*?)</mtext>')
ANNOTATED = re.compile(
    r"<math([^>]*)><semantics>((?:(?!</math>).)*)"
    r'<annotation encoding="application/x-tex">([^<]*)</annotation></semantics></math>',
    re.DOTALL,
)
TAG = re.compile(r"<(/?)([a-z]+)[^>]*?(/?)>")
STYLE = re.compile(r'<(\w+)((?: [^<>]*?)?) style="([^"]*)"')
STRUCK = re.compile(r'<mrow class="menclose-\w+"></mrow>')
BIG_BASE = re.compile(r"(<(?:msub|msup|msubsup)>)(<mo [^>]*minsize=[^>]*>[^<]*</mo>)")
"""A big bracket with an index: Chromium stretches it only inside a group."""
COMBINING = {
    '<mo stretchy="false">\u20d7</mo>': '<mo stretchy="false" class="formula-accent">→</mo>',
    "<mo>\u20db</mo>": '<mo class="formula-accent">…</mo>',
}
"""An arrow and three dots over a letter: Chromium sets the combining ones beside it."""
ENCLOSED = re.compile(r'<menclose notation="([a-z ]*)">')
DECIMAL = re.compile(r"([\d.]+)\{,\}(\d+)")
NUMBERS = re.compile(r'<mn>([\d.]+)</mn><mo(?: lspace="0")? rspace="0">,</mo><mn>(\d+)</mn>')
CLASSES = {
    **{"text-align:left": "formula-left", "text-align:right": "formula-right", "padding-left:1em": "formula-gap"},
    **{"justify-items:start": "", "justify-items:end": "", "padding-bottom:0": "", "padding-top:0": "formula-tight"},
    **{
        "padding-left:0": "formula-flush-left",
        "padding-right:0": "formula-flush-right",
        "padding-top:0.1667em": "formula-low",
    },
    **{"padding-left:0.1667em": "formula-thin-left", "padding-right:0.1667em": "formula-thin-right"},
    **{"padding-left:0.2222em": "formula-medium-left", "padding-right:0.2222em": "formula-medium-right"},
    **{"padding-left:0.2778em": "formula-thick-left", "padding-right:0.2778em": "formula-thick-right"},
    **{
        "width:100%": "formula-wide",
        "width:50%": "formula-half",
        "width:7.5%": "formula-margin",
        "padding-right:0.1em": "",
    },
    **{"margin-left:-0.16666667em": "formula-back-thin", "margin-left:-0.2222222em": "formula-back-medium"},
    **{"margin-left:-0.22222222em": "formula-back-medium", "margin-left:-0.2777778em": "formula-back-thick"},
    **{"margin-left:-0.27777778em": "formula-back-thick", "font-variant-caps:small-caps": "formula-small-caps"},
    **{
        "border-left:0.05em solid currentcolor": "formula-rule-left",
        "border-left:0.05em dashed currentcolor": "formula-dashes-left",
    },
    **{
        "border-right:0.05em solid currentcolor": "formula-rule-right",
        "border-right:0.05em dashed currentcolor": "formula-dashes-right",
    },
    **{
        "border-top:0.05em solid currentcolor": "formula-rule-top",
        "border-top:0.05em dashed currentcolor": "formula-dashes-top",
    },
}
"""Declarations of math-core's style attributes, which pages may not have, as classes of the theme."""
ENCLOSURES = {
    **{"box": "formula-box", "updiagonalstrike": "formula-strike-up", "downdiagonalstrike": "formula-strike-down"},
    **{"phasorangle": "formula-angle", "actuarial": "formula-actuarial"},
}
MATHML_TAGS = {
    *("math", "semantics", "annotation", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mfrac", "msqrt", "mroot"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts", "mprescripts", "mtable", "mtr"),
    *("mtd", "mphantom", "mpadded", "b", "i", "em", "code", "span"),
}
MATHML_ATTRIBUTES = {
    "*": {"class", "displaystyle", "scriptlevel", "mathcolor"},
    "math": {"display"},
    "annotation": {"encoding"},
    "mi": {"mathvariant"},
    "mo": {
        *("form", "stretchy", "symmetric", "largeop", "movablelimits", "lspace", "rspace", "minsize", "maxsize"),
    },
    "mspace": {"width", "height", "depth"},
    "mfrac": {"linethickness"},
    "mover": {"accent"},
    "munder": {"accentunder"},
    "munderover": {"accent", "accentunder"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mtd": {"id", "columnspan", "rowspan"},
}
PAIRS = ("()", "[]", "(]", "[)", "][", "||")
"""Between these two numbers are a pair, not one number with a decimal comma."""
UNITS = Message(r'Write a unit as "\mathrm{m/s^2}" and a thin space before it as "\,".')
HINT = Message(r'Mend the formula; where a dollar sign is meant, write "\$".')

REASONS = {
    r'Unknown command "(?P<name>.+)"\.': Message('the command "%(name)s" is not known'),
    r'Unknown environment "(?P<name>.+)"\.': Message('the environment "%(name)s" is not known'),
    r'Unknown color "(?P<name>.+)"\.': Message('the colour "%(name)s" is not known'),
    r'Unmatched closing token: "(?P<sign>.+)"\.': Message('"%(sign)s" closes what was not opened'),
    r'Expected closing token "(?P<sign>.+)", but reached end of input\.': Message(
        'what begins here is not closed by "%(sign)s"'
    ),
    r"Expected argument but reached end of input\.": Message("it ends where something must follow"),
    r"Expected argument but got closing token.*": Message("something must stand here"),
    r"Duplicate subscript or superscript\.": Message("a second index or exponent follows; put braces around the first"),
    r"'\^' or '_' directly followed by.*": Message('"^" or "_" follows another one'),
    r'There must be a parenthesis after "(?P<name>.+)", but not found\.': Message('a bracket must follow "%(name)s"'),
    r'Found "(?P<sign>.+)", which may only appear in a table-like environment\.': Message(
        '"%(sign)s" stands outside of a matrix or another environment of columns'
    ),
    r'Found "\\(?P<name>tag|label).*", which may only appear in a numbered equation environment\.': Message(
        '"%(name)s" is only for formulas in lines of their own, between $$'
    ),
    r'Found "(?P<sign>.+)", which may only appear (?P<place>.+)\.': Message('"%(sign)s" cannot stand here'),
    r"Disallowed character in text group: '(?P<sign>.+)'\.": Message('"%(sign)s" cannot stand here'),
    r"Not valid in text mode\.": Message(r"inside \text this cannot stand"),
    r"Not valid in math mode\.": Message(r"this can stand only inside \text"),
    r'Expected "\\end\{(?P<expected>.+)\}", but got "\\end\{(?P<got>.+)\}"\.': Message(
        '"%(expected)s" must be closed, not "%(got)s"'
    ),
    r"Found more than one infix fraction in a group\.": Message(r"\over stands twice in a group"),
    r"Could not extract text from the given macro\.": Message("only words can stand here"),
    r"Expected non-special ASCII characters in string literal\.": Message(
        "only letters, digits and signs can stand here"
    ),
}
"""The errors of math-core as patterns, and the message of each."""
UNIT_COMMANDS = ("SI", "si", "qty", "unit", "num", "pu", "ang")


def without_annotations(markup: str) -> str:
    """Return markup whose formulas have their TeX as an attribute, for readers that may show an annotation as text."""

    def move(match: re.Match[str]) -> str:
        tex = match[3].replace('"', "&quot;")
        return f'<math{match[1]} alttext="{tex}">{match[2]}</math>'

    return ANNOTATED.sub(move, markup)


class FormulaError(Exception):
    """A formula cannot be read at a position, which counts its characters from 0."""

    def __init__(self, position: int, message: Message, hint: Message = HINT) -> None:
        super().__init__(f"{position}: {message}")
        self.position, self.message, self.hint = position, message, hint


class FormulaMarkup(NamedTuple):
    """MathML, and the numbers that its equations have got: (label, what is shown)."""

    mathml: str
    numbers: tuple[tuple[str, str], ...]


class FormulaWriter:
    """Writes the formulas of one text, whose equations are numbered in their order."""

    def __init__(self) -> None:
        from math_core import LatexToMathML

        self._converter = LatexToMathML(
            macros=MACROS, fancy_error=False, allow_unreliable_rendering=True, max_expansions=MAX_EXPANSIONS
        )

    def write(self, tex: str, *, display: bool) -> FormulaMarkup:
        """Return a formula as MathML with the TeX as annotation. Raises FormulaError if it cannot be read."""
        from math_core import LatexError

        _check(tex)
        other, places = _in_other_words(tex)
        for environment in _environments_around(other) if display else ():
            begin = rf"\begin{{{environment}}}"
            other = rf"{begin}{other}\end{{{environment}}}"
            places = [Place(0, 0, is_same=False), *(place._replace(begin=place.begin + len(begin)) for place in places)]
        try:
            presentation = _with_classes(self._convert(other, display=display))
        except LatexError as error:
            position, _, reason = str(error).partition(": ")
            original = min(_original_position(places, int(position)), len(tex))
            raise FormulaError(original, *_describe(reason)) from None
        if "{,}" in other:
            presentation = _join_decimals(presentation, other)
        _check_depth(presentation)
        block = ' display="block"' if display else ""
        annotation = f'<annotation encoding="application/x-tex">{escape(tex.strip(), quote=False)}</annotation>'
        markup = f"<math{block}><semantics><mrow>{presentation}</mrow>{annotation}</semantics></math>"
        return FormulaMarkup(_cleaner().clean(markup), tuple(LABEL_CELL.findall(presentation)))

    def _convert(self, tex: str, *, display: bool) -> str:
        """Return what is inside the math element that math-core makes. Raises its LatexError."""

        def convert() -> str:
            return str(self._converter.convert_with_global_state(tex, displaystyle=display))

        markup = convert() if len(tex) <= SAFE_LENGTH else _with_large_stack(convert)
        return markup.partition(">")[2].removesuffix("</math>")


class Place(NamedTuple):
    """From `begin` on, the rewritten formula is the original from `original` on; where not `is_same`, all of it is."""

    begin: int
    original: int
    is_same: bool


def _check(tex: str) -> None:
    """Raise FormulaError if a formula is empty, too long, or has what only whole documents have."""
    if not tex.strip():
        raise FormulaError(0, Message("it is empty"), Message(r'Write "\$" where a dollar sign is meant.'))
    if len(tex) > MAX_LENGTH:
        hint = Message("Divide it into several formulas.")
        raise FormulaError(MAX_LENGTH, Message("it is longer than %(limit)d characters", limit=MAX_LENGTH), hint)
    _check_brackets(tex)
    defines, reference = DEFINES.search(tex), REFERENCE.search(tex)
    if defines is not None:
        message = Message('"%(name)s" defines a command, which formulas may not', name=defines[0])
        raise FormulaError(defines.start(), message, Message("Write out what the command stands for."))
    if reference is not None:
        message = Message('"%(name)s" stands inside a formula', name=reference[0])
        hint = Message("Refer to an equation in the text, outside of formulas.")
        raise FormulaError(reference.start(), message, hint)


def _check_brackets(tex: str) -> None:
    """Raise FormulaError where many brackets are not closed in the group that they stand in."""
    groups, unclosed = [0], 0
    for match in DELIMITERS.finditer(tex):
        if match["begin"]:
            groups.append(0)
        elif match["end"] and len(groups) > 1:
            unclosed += groups.pop()
        elif match["open"]:
            groups[-1] += 1
        elif match["close"] and groups[-1]:
            groups[-1] -= 1
    if unclosed + sum(groups) > MAX_UNCLOSED:
        message = Message("more than %(number)s brackets are opened and not closed", number=MAX_UNCLOSED)
        raise FormulaError(0, message, Message("Close each bracket in the group that it stands in."))


def _in_other_words(tex: str) -> tuple[str, list[Place]]:
    """Return a formula as math-core can read it, and where its parts were."""
    parts: list[str] = []
    places: list[Place] = []
    end = length = 0

    def add(part: str, original: int, *, is_same: bool) -> None:
        nonlocal length
        places.append(Place(length, original, is_same))
        parts.append(part)
        length += len(part)

    for match in OTHER_WORDS.finditer(tex):
        if match.start() < end:
            continue
        if match["chemistry"]:
            begin, stop = match.end() + 1, _group_end(tex, match.end())
            try:
                other: str | None = "{" + chemistry_to_tex(tex[begin : stop - 1]) + "}"
            except ChemistryError as error:
                message = Message('"%(sign)s" cannot be read in a chemical formula', sign=error.sign)
                hint = Message("docs/editors.md shows what may stand in \\ce{…}.")
                raise FormulaError(begin + error.position, message, hint) from None
        else:
            other, stop = _replacement(tex, match), match.end()
        if other is not None:
            add(tex[end : match.start()], end, is_same=True)
            add(other, match.start(), is_same=False)
            end = stop
    add(tex[end:], end, is_same=True)
    return "".join(parts), places


def _replacement(tex: str, match: re.Match[str]) -> str | None:
    """Return what to write instead of a match of `OTHER_WORDS`; None if nothing."""
    if match["row"]:
        return r"\\ " if len(match["row"]) > 2 else None
    if match["label"] is not None:
        return rf"\label{{{full_label(match['label'])}}}"
    if match["begin"]:
        name = OTHER_NAMES.get(match["begin"], match["begin"])
        return SMALL_MATRIX if name == "smallmatrix" else rf"\begin{{{name}}}"
    if match["end"]:
        name = "subarray" if match["end"] == "smallmatrix" else OTHER_NAMES[match["end"]]
        return rf"\end{{{name}}}"
    if match["space"]:
        return r"\hspace"
    if match["comment"]:
        message = Message('"%(sign)s" begins a remark in TeX, and the rest would be lost', sign="%")
        raise FormulaError(match.start(), message, Message(r'Write "\%" for a per cent sign; leave out remarks.'))
    if match["inner"] is not None:
        return rf"}}{{{match['inner']}}}\text{{"
    if match["decimal"]:
        around = tex[max(0, match.start() - 1) : match.start()] + tex[match.end() : match.end() + 1]
        is_pair = around in PAIRS or tex[max(0, match.start() - 2) : match.start()] in ("_{", "^{", r"\{")
        return None if is_pair else match["decimal"].replace(",", "{,}")
    return None


def full_label(label: str) -> str:
    """Return the id of the equation with a label; no heading has one with a colon."""
    return label if label.startswith("eq:") else f"eq:{label}"


def _group_end(tex: str, begin: int) -> int:
    """Return where the group in braces ends that begins at a position. Raises FormulaError if it does not end."""
    depth = 0
    for match in BRACES.finditer(tex, begin):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    raise FormulaError(begin, Message('"%(sign)s" is not closed', sign="{"))


def _environments_around(tex: str) -> Iterator[str]:
    """Yield the environments that a displayed formula needs around it, the inner one first."""
    depth = 0
    for match in ROWS.finditer(tex):
        depth += 1 if match["in"] == "begin" else -1 if match["out"] else 0
        if match["row"] and not depth and r"\substack" not in tex:
            yield "gathered"
            break
    if WITH_NUMBER.search(tex) and not NUMBERED.search(tex):
        yield "equation"


def _original_position(places: list[Place], position: int) -> int:
    place = places[max(0, bisect_right(places, position, key=lambda place: place.begin) - 1)]
    return place.original + (position - place.begin if place.is_same else 0)


def _with_large_stack(convert: Callable[[], str]) -> str:
    """Return what a function returns that may recurse deeply in native code."""
    import threading

    results: list[str] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(convert())
        except BaseException as error:
            errors.append(error)

    earlier = threading.stack_size(STACK_B)
    try:
        thread = threading.Thread(target=run)
        thread.start()
    finally:
        threading.stack_size(earlier)
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _check_depth(markup: str) -> None:
    """Raise FormulaError if elements are nested deeper than browsers and readers take."""
    depth = 0
    for closing, _, empty in TAG.findall(markup):
        depth += -1 if closing else 0 if empty else 1
        if depth > MAX_DEPTH:
            raise FormulaError(0, Message("it is nested too deep"), Message("Divide it into several formulas."))


def _with_classes(markup: str) -> str:
    """Return math-core's MathML with classes in place of styles and of what MathML Core does not have."""
    markup = BIG_BASE.sub(r"\1<mrow>\2<mrow></mrow></mrow>", STRUCK.sub("", markup))
    for combining, other in COMBINING.items():
        markup = markup.replace(combining, other)
    if "menclose" in markup:
        markup = ENCLOSED.sub(lambda match: f'<mrow class="{_enclosing_classes(match[1])}">', markup)
        markup = markup.replace("</menclose>", "</mrow>")
    markup = markup.replace("math-core-sans-serif-font", "formula-sans").replace(
        "math-core-serif-font", "formula-serif"
    )
    return STYLE.sub(_replace_style, markup) if ' style="' in markup else markup


def _join_decimals(markup: str, tex: str) -> str:
    """Return markup in which each number with a decimal comma is one number."""
    numbers = set(DECIMAL.findall(tex))

    def join(match: re.Match[str]) -> str:
        return f"<mn>{match[1]},{match[2]}</mn>" if match.groups() in numbers else match[0]

    return NUMBERS.sub(join, markup)


def _enclosing_classes(notation: str) -> str:
    if not set(notation.split()) <= set(ENCLOSURES):
        raise FormulaError(0, Message("it has a frame that pages do not have"))
    return " ".join(ENCLOSURES[name] for name in notation.split())


def _replace_style(match: re.Match[str]) -> str:
    classes, attributes = [], match[2]
    for declaration in filter(None, match[3].split(";")):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        if name == "color":
            attributes += f' mathcolor="{value}"'
            classes.append("formula-colour")
        elif f"{name}:{value}" in CLASSES:
            classes.append(CLASSES[f"{name}:{value}"])
        else:
            message = Message("it has a negative space that pages do not have")
            raise FormulaError(0, message, Message(r'Write "\!", several times for more.'))
    shown = " ".join(filter(None, classes))
    return f"<{match[1]}{attributes}" + (f' class="{shown}"' if shown else "")


def _describe(reason: str) -> tuple[Message, Message]:
    """Return what math-core says of a formula, and what to do about it."""
    for pattern, message in REASONS.items():
        match = re.fullmatch(pattern, reason)
        if match is not None:
            is_unit = match.groupdict().get("name", "")[1:] in UNIT_COMMANDS
            return Message(message.message_id, **match.groupdict()), UNITS if is_unit else HINT
    return Message("the reader of formulas says: %(reason)s", reason=reason.rstrip(".")), HINT


@cache
def _cleaner() -> Any:
    from nh3 import Cleaner

    return Cleaner(tags=MATHML_TAGS, attributes=MATHML_ATTRIBUTES, link_rel=None)
