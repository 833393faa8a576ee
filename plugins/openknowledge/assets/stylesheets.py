"""Stylesheets: imports inlined, addresses rewritten, comments and insignificant white space left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Token:
    """A token of a stylesheet, with the line on which it begins."""

    type: str
    text: str
    line: int


def assemble(css: str, part: ReplaceTarget, published: ReplaceTarget, report: Report) -> str:
    """Return the stylesheet in one piece, minified.

    `part(target, line)` returns the text of an imported file, `published(target, line)` the address of a file that
    `url()` names. `report(line, message, hint)` receives what is wrong.
    """
    pieces: list[Token] = []
    tokens = list(_tokens(css))
    at, has_rules = 0, False
    while at < len(tokens):
        token = tokens[at]
        if token.text.lower() == "@import":
            end = next((i for i in range(at, len(tokens)) if tokens[i].text == ";"), len(tokens))
            if has_rules:
                report(token.line, "an @import after other rules has no effect", "Move it to the top of the file.")
            pieces.append(Token("part", _import(tokens[at + 1 : end], token.line, part, report), token.line))
            at = end + 1
            continue
        has_rules = has_rules or token.text == "{"
        if token.type == "url":
            token = Token("url", _url(token, published), token.line)
        elif token.text in ('"', "'"):
            report(token.line, "a quotation mark is never closed on its line", "Close the string.")
        elif token.type == "gap" and "/*" in re.sub(r"/\*.*?\*/", "", token.text, flags=re.DOTALL):
            report(token.line, "a comment is never closed", "Close it with */.")
        pieces.append(token)
        at += 1
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
    for index, token in enumerate(tokens):
        if token.type != "gap":
            folded.append(token.text)
            continue
        before = tokens[index - 1] if index else None
        after = tokens[index + 1] if index + 1 < len(tokens) else None
        if not _ends(before) and not (_begins(after) and before and before.text != ":"):
            folded.append(" " if COMMENT.sub("", token.text) else "/**/")
    return "".join(folded)


def _ends(before: Token | None) -> bool:
    """Return whether the text before a gap separates tokens by itself."""
    return before is None or before.type == "part" or before.text in ("{", "}", ";", ",")


def _begins(after: Token | None) -> bool:
    return after is None or after.type == "part" or after.text in ("{", "}", ";")
