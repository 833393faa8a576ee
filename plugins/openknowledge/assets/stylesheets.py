"""Stylesheets: imports inlined, addresses rewritten, comments and insignificant white space left out."""

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import NamedTuple

__all__ = ["assemble"]

ReplaceTarget = Callable[[str, int], str]
Report = Callable[[int, str, str], None]

STRING = r""" "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' """
TOKEN = re.compile(
    rf"""
      (?P<gap> (?: [ \t\r\n\f] | /\*.*?(?:\*/|\Z) )+ )
    | (?P<url> url\( \s* (?: {STRING} | (?:\\.|[^"'()\\\s])* ) \s* \) )
    | (?P<string> {STRING} )
    | (?P<escape> \\ (?: [0-9a-f]{{1,6}} [ \t\n]? | . ) )
    | (?P<word> @?[\w-]+ )
    | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)
COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
CONDITION = re.compile(r"(layer(?:\(\s*(?P<layer>[\w.-]+)\s*\))?)?\s*(?P<media>[^;]*)", re.DOTALL)


class Token(NamedTuple):
    """A token of a stylesheet, with the line on which it begins."""

    type: str
    text: str
    line: int


EDGE = Token("part", "", 0)
"""What precedes and follows all tokens."""


def assemble(css: str, part: ReplaceTarget, published: ReplaceTarget, report: Report) -> str:
    """Return the stylesheet in one piece, minified.

    `part(target, line)` returns the text of an imported file, `published(target, line)` the address of a file that
    `url()` names. `report(line, message, hint)` receives what is wrong.
    """
    pieces: list[Token] = []
    tokens, has_rules = _tokens(css), False
    for token in tokens:
        if token.text.lower() == "@import":
            if has_rules:
                report(token.line, "an @import after other rules has no effect", "Move it to the top of the file.")
            imported = list(takewhile(lambda following: following.text != ";", tokens))
            pieces.append(Token("part", _import(imported, token.line, part, report), token.line))
            continue
        has_rules = has_rules or token.text == "{"
        if token.type == "url":
            token = Token("url", _url(token, published), token.line)
        elif token.text in ('"', "'"):
            report(token.line, "a quotation mark is never closed on its line", "Close the string.")
        elif token.type == "gap" and "/*" in re.sub(r"/\*.*?\*/", "", token.text, flags=re.DOTALL):
            report(token.line, "a comment is never closed", "Close it with */.")
        pieces.append(token)
    return _minify(pieces)


def _tokens(css: str) -> Iterator[Token]:
    line = 1
    for match in TOKEN.finditer(css):
        yield Token(match.lastgroup or "other", match.group(), line)
        line += match.group().count("\n")


def _import(tokens: list[Token], line: int, part: ReplaceTarget, report: Report) -> str:
    """Return an imported file inside the layer and media that its `@import` names."""
    named = [token for token in tokens if token.type in ("string", "url")]
    if not named:
        report(line, "this @import names no file", 'Write @import "components/card.css" layer(components);')
        return ""
    rest = "".join(" " if token.type == "gap" else token.text for token in tokens[tokens.index(named[0]) + 1 :])
    condition = CONDITION.fullmatch(rest.strip())
    if condition is None or "supports(" in rest:
        report(line, "only layer(…) and media are understood after an @import", "Write @supports inside the file.")
        return ""
    css = part(_target(named[0]), line)
    if condition[1]:
        layer = f" {condition['layer']}" if condition["layer"] else ""
        css = f"@layer{layer}{{{css}}}"
    return f"@media {condition['media'].strip()}{{{css}}}" if condition["media"] else css


def _url(token: Token, published: ReplaceTarget) -> str:
    target = _target(token)
    if target.startswith(("data:", "#")) or not target:
        return token.text
    return f'url("{published(target, token.line)}")'


def _target(token: Token) -> str:
    inside = token.text[4:-1].strip() if token.type == "url" else token.text
    return inside.strip("\"'")


def _minify(tokens: list[Token]) -> str:
    """Return the tokens as text, without white space beside braces and semicolons and after commas."""
    folded: list[str] = []
    for before, token, after in zip([EDGE, *tokens], tokens, [*tokens[1:], EDGE], strict=False):
        ends = before.type == "part" or before.text in ("{", "}", ";", ",")
        begins = after.type == "part" or after.text in ("{", "}", ";")
        if token.type != "gap":
            folded.append(token.text)
        elif not ends and (not begins or before.text == ":"):
            folded.append(" " if COMMENT.sub("", token.text) else "/**/")
    return "".join(folded)
