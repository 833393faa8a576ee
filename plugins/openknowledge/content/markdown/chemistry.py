r"""Chemical formulas and equations, as mhchem writes them in `\ce{…}`, to TeX."""

import re

__all__ = ["ChemistryError", "chemistry_to_tex"]

ARROWS = {
    **{"->": ("longrightarrow", "xrightarrow"), "<-": ("longleftarrow", "xleftarrow")},
    **{"<->": ("longleftrightarrow", "xleftrightarrow"), "<=>": ("rightleftharpoons", "xrightleftharpoons")},
}
"""Each arrow without and with words above it."""
BONDS = {"-": r"\text{–}", "=": r"\mathord{=}", "#": r"\mathord{\equiv}"}
TOKEN = re.compile(
    r"(?P<arrow><=>|<->|->|<-)(?:\[(?P<above>(?:[^\[\]]|\[[^\[\]]*\])*)\](?:\[(?P<below>[^\[\]]*)\])?)? *"
    r"|(?P<gas>(?<![^ ])[\^↑](?![^ ]))|(?P<solid>(?<![^ ])[v↓](?![^ ]))"
    r"|(?P<script>[\^_])(?:\{(?P<group>(?:[^{}]|\{[^{}]*\})*)\}|(?P<sign>\d*[+-]|\d+|[A-Za-z*]))"
    r"|(?P<amount>(?<![A-Za-z\d)\]}.,])(?P<upper>\d+(?:[.,]\d+)?)(?:/(?P<lower>\d+))? *(?=[A-Za-z(\[^_\\]))"
    r"|(?P<count>(?<=[A-Za-z)\]])\d+)"
    r"|(?P<charge>(?<=[A-Za-z\d)\]}])[+-](?=$|[ )\]}]))"
    r"|(?P<plus>\+)|(?P<equals>(?<= )=(?= ))|(?P<bond>[-=#])|(?P<dot>[*·•])"
    r"|(?P<letters>[A-Za-z\u0370-\u03ff]+)|(?P<space> +)|(?P<math>\$[^$]*\$)"
    r"|(?P<other>\d+(?:[.,]\d+)?|[()\[\]/.,;:|°%'{}]|\\text *\{[^{}]*\}|\\[A-Za-z]+ *|\\[{}% ,;])"
)


class ChemistryError(Exception):
    """A sign cannot be read at a position."""

    def __init__(self, position: int, sign: str) -> None:
        super().__init__(f"{position}: {sign}")
        self.position, self.sign = position, sign


def chemistry_to_tex(formula: str, begin: int = 0) -> str:
    r"""Return what stands in `\ce{…}` as TeX; positions of errors count from `begin`.

    Raises ChemistryError at what is not understood.
    """
    parts, end = [], 0
    while end < len(formula):
        token = TOKEN.match(formula, end)
        if token is None:
            raise ChemistryError(begin + end, formula[end])
        parts.append(_write(token, begin))
        end = token.end()
    return "".join(parts)


def _write(token: re.Match[str], begin: int) -> str:
    """Return a token as TeX."""
    name, sign = token.lastgroup or "", token[0]
    if token["arrow"]:
        plain, labelled = ARROWS[token["arrow"]]
        above, below = (chemistry_to_tex(token[side] or "", begin + token.start(side)) for side in ("above", "below"))
        return rf"\{labelled}[{below}]{{{above}}}" if above or below else rf"\{plain} "
    if token["script"]:
        return _write_script(token)
    if token["amount"]:
        upper, lower = token["upper"].replace(",", "{,}"), token["lower"]
        return rf"\tfrac{{{upper}}}{{{lower}}}\," if lower else rf"{upper}\,"
    written = {
        **{"gas": r"\uparrow ", "solid": r"\downarrow ", "count": f"_{{{sign}}}", "charge": f"^{{{sign}}}"},
        **{"plus": "{}+{}", "equals": "{}={}", "dot": r"\cdot ", "letters": rf"\mathrm{{{sign}}}"},
        **{"bond": BONDS.get(sign, ""), "math": f"{{{sign[1:-1]}}}", "space": _write_space(token)},
    }
    return written.get(name, sign)


def _write_script(token: re.Match[str]) -> str:
    """Return a superscript or a subscript; one before a symbol, as of an isotope, gets an empty base."""
    content = token["group"] if token["group"] is not None else token["sign"]
    if re.fullmatch(r"[(A-Za-z) ,]+", content) and len(content) > 1:
        content = rf"\mathrm{{{content}}}"
    is_free = token.start() == 0 or token.string[token.start() - 1] in " +("
    return f"{'{}' if is_free else ''}{token['script']}{{{content}}}"


def _write_space(token: re.Match[str]) -> str:
    """Return a space between two species, such as of a substance and its state; none beside an operator."""
    before, after = token.string[: token.start()][-1:], token.string[token.end() :]
    is_between = re.match(r"[\w)\]]", before) and re.match(r"(?!v(?: |$))[A-Za-z(\[\\°]", after)
    return r"\ " if is_between else " "
