"""What an editor did where a front matter cannot be read as fields: the line of the mistake, its cause and the cure.

The library names the place at which it could not go on, in words of its own. Here the lines around that place are
looked at for what editors write: a quote that is never closed, a value that begins with a sign of YAML's.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import yaml

from openknowledge.problems import Message

__all__ = [
    *("BLANK_HINT", "CUT", "DASH_HINT", "ESCAPE_HINT", "NO_BLANK", "NO_BLANK_BEHIND_DASH", "QUOTE_HINT", "SIGN_HINT"),
    *("COLON_HINT", "INDENT_HINT", "NOT_INDENTED", "YamlMistake", "find_mistake", "find_run_on"),
]

QUOTE_HINT = Message('Put the whole value in straight quotes: title: "C# and other languages".')
COLON_HINT = Message('Put a text that has a colon in it in quotes: title: "Maths: a beginning".')
ESCAPE_HINT = Message("Put the text in single quotes ('…'): a backslash stands for itself there.")
NO_BLANK = Message("there is no blank behind the colon")
BLANK_HINT = Message('Write "name: value", with a blank behind the colon; put the text in quotes if it is one.')
NO_BLANK_BEHIND_DASH = Message("there is no blank behind the dash")
DASH_HINT = Message('Write "- value", with a blank behind the dash.')
SIGN_HINT = Message('Put the whole text in quotes: "…".')
NO_FIELD = Message("this line is not a field")
NO_FIELD_HINT = Message('Write "name: value". A longer text goes on in the next line if that is indented.')
NOT_CLOSED = Message("the quote that opens here is not closed on this line")
CLOSE_HINT = Message("Write the same quote behind the text; a quote inside it is of the other sort.")
NOT_INDENTED = Message("the line is not indented like the ones that it belongs to")
INDENT_HINT = Message("Fields of one group begin in one column; what belongs to a field stands below it, further in.")
CUT = Message('what follows " #" is a comment, and is not read')
KEY = r"[ ]*(?:- +)*[\w-]+:"
FIELD = re.compile(rf"(?P<head>{KEY}[ ]+|[ ]*(?:- +)+)(?P<value>\S.*)?")
"""A line with a value: behind the name of a field, or behind a dash."""
NAME = re.compile(r" *(?:- +)*[\w-]+:(?: |$)")
ODD_BLANK = r"[\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
INDENTATION = re.compile(r"[^\S\n]*")
CLOSED = {
    '"': re.compile(r'"(?:[^"\\]|\\.)*"'),
    "'": re.compile(r"'(?:[^']|'')*'"),
    "[": re.compile(r"\[[^\[\]]*\]"),
    "{": re.compile(r"\{[^{}]*\}"),
}
"""A value that begins with such a sign, to the sign that closes it."""
BLOCK = re.compile(r"[|>][-+1-9]*")
"""What begins a text of several lines below it."""
SIGNS = "@`*&%!|>?,]}#"
"""Signs with which an unquoted text cannot begin."""


class YamlMistake(NamedTuple):
    """What is wrong on a row, counted from 0, and how to mend it."""

    row: int
    message: Message
    hint: Message


Finding = tuple[Message, Message] | None
Check = Callable[[str], Finding]


def find_mistake(text: str, error: yaml.MarkedYAMLError | None) -> YamlMistake:
    """Return the mistake that made the library stop with an error, or take the text for something but fields."""
    error = error or yaml.MarkedYAMLError()
    rows = text.split("\n")
    marks = [mark for mark in (error.context_mark, error.problem_mark) if mark is not None]
    stop = min(marks[-1].line, len(rows) - 1) if marks else 0
    opened = find_run_on(rows, stop)
    if opened is not None:
        return opened
    if "quoted" in str(error.context) and "end of stream" in str(error.problem) and error.context_mark is not None:
        return YamlMistake(error.context_mark.line, NOT_CLOSED, CLOSE_HINT)
    for row in _suspects(rows, error, stop):
        for check in CHECKS:
            finding = check(rows[row])
            if finding is not None:
                return YamlMistake(row, *finding)
    return _explain_by_library(rows, error, stop)


def _suspects(rows: Sequence[str], error: yaml.MarkedYAMLError, stop: int) -> Iterator[int]:
    """Yield the rows that may have the mistake: where a value begins that is never ended, where it stops, and above."""
    context = str(error.context or "")
    if error.context_mark is not None and any(word in context for word in ("flow", "quoted", "simple key", "scalar")):
        yield min(error.context_mark.line, len(rows) - 1)
    yield stop
    yield from [row for row in range(stop) if rows[row].strip()][-1:]


def find_run_on(rows: Sequence[str], stop: int) -> YamlMistake | None:
    """Return the first quote up to the row `stop` that is not closed before the next field begins."""
    for row, text in enumerate(rows[: stop + 1]):
        match = FIELD.fullmatch(text)
        value = (match and match["value"]) or ""
        if value[:1] not in ('"', "'") or CLOSED[value[0]].match(value):
            continue
        following = next((other for other in rows[row + 1 :] if other.strip()), None)
        is_inside = following is not None and not NAME.match(following) and len(following) > len(following.lstrip())
        if not is_inside:
            return YamlMistake(row, NOT_CLOSED, CLOSE_HINT)
    return None


def _check_blanks(row: str) -> Finding:
    indentation = (INDENTATION.match(row) or [""])[0]
    if "\t" in indentation:
        return Message("a tab where the line is indented"), Message("Indent with two blanks instead.")
    if re.search(ODD_BLANK, indentation):
        hint = Message("Delete what stands before the first letter, and type blanks; it often comes from copying.")
        return Message("the line is indented with a blank that does not break"), hint
    if re.match(rf"{KEY}{ODD_BLANK}", row):
        hint = Message("Delete it and type a blank; it often comes from copying.")
        return Message("the blank behind the colon is one that does not break"), hint
    return None


def _check_name(row: str) -> Finding:
    if re.match(r" *(?:- +)*[\w-]+：", row):
        return Message("the colon is a full-width one"), Message("Type the plain colon ( : ) and a blank.")
    if re.match(r" *(?:- +)*[a-zA-Z_]+:[^\s/]", row):
        return NO_BLANK, BLANK_HINT
    if re.match(r" *-[^\s\-0-9]", row):
        return NO_BLANK_BEHIND_DASH, DASH_HINT
    return None


def _check_quotes(row: str) -> Finding:
    match = FIELD.fullmatch(row)
    value = (match and match["value"]) or ""
    if value[:1] in "“”„«‘’‚" and value and re.search(r"[:#]", value):
        hint = Message("Type straight quotes around the value, \" or '; curly ones may stand inside.")
        return Message("curly quotes are part of the text: they do not hold it together"), hint
    if value[:1] not in ('"', "'"):
        return None
    closed = CLOSED[value[0]].match(value)
    rest = value[closed.end() :].strip() if closed else ""
    if rest and not rest.startswith(("#", ":", ",", "]", "}")):
        message = Message("the text goes on behind the quote that closes it")
        if value[0] == "'":
            return message, Message('Put a text that has an apostrophe in it in double quotes: "L\'algebra".')
        return message, Message("Put the whole text in single quotes ('…'), or write \\\" for a quote inside it.")
    return None


def _check_brackets(row: str) -> Finding:
    match = FIELD.fullmatch(row)
    value = (match and match["value"]) or ""
    if value[:1] not in ("[", "{"):
        return None
    closed = CLOSED[value[0]].match(value)
    rest = value[closed.end() :].strip() if closed else ""
    if rest and not rest.startswith(("#", ",")):
        sign = value[0]
        if rest[0] in "]}":
            return Message("there is a bracket too many on this line"), Message(
                "Delete it, or write the one that opens."
            )
        return Message('a text cannot begin with "%(sign)s"', sign=sign), SIGN_HINT
    if value.count("[") + value.count("{") > value.count("]") + value.count("}") and not value.endswith(","):
        message = Message('the bracket "%(sign)s" is not closed on this line', sign=value[0])
        return message, Message("Close it, or write one value a line, each behind a dash.")
    if re.search(r"\s#", value):
        return CUT, QUOTE_HINT
    hint = Message('Put each text in quotes, ["one", "two"], or write one value a line, each behind a dash.')
    return Message("it is not clear which values these brackets hold"), hint


def _check_signs(row: str) -> Finding:
    match = FIELD.fullmatch(row)
    value = (match and match["value"]) or row.strip()
    if BLOCK.fullmatch(value):
        return None
    if value and value[0] in SIGNS and not (match is None and value[0] == "#"):
        return Message('a text cannot begin with "%(sign)s"', sign=value[0]), SIGN_HINT
    if match is not None and not match["head"].strip().endswith("-") and re.match(r"- ", value):
        hint = Message("Write each value on a line of its own below the name of the field, behind a dash.")
        return Message("a list cannot begin on the line of its field"), hint
    return None


def _check_colon(row: str) -> Finding:
    value = _unquoted_value(row)
    is_item = row.lstrip().startswith("- ") and NAME.match(row) is None
    if value and not is_item and re.search(r":(?: |$)", re.sub(r"\s#.*", "", value)):
        return Message("a second colon: it is not clear which of them ends the name of the field"), COLON_HINT
    return None


def _unquoted_value(row: str) -> str:
    """Return the value of a field on a row; `""` where it has none, or one in quotes or brackets."""
    match = FIELD.fullmatch(row)
    value = (match and match["value"]) or ""
    return "" if value.startswith(('"', "'", "[", "{", "|", ">")) else value


def _check_comment(row: str) -> Finding:
    return (CUT, QUOTE_HINT) if re.search(r"\s#", _unquoted_value(row)) else None


CHECKS: tuple[Check, ...] = (
    *(_check_blanks, _check_name, _check_quotes, _check_brackets, _check_signs, _check_colon, _check_comment),
)


def _explain_by_library(rows: Sequence[str], error: yaml.MarkedYAMLError, stop: int) -> YamlMistake:
    """Return a mistake that no row shows by itself."""
    reason = str(error.problem)
    if "escape" in reason:
        message = Message("a backslash in double quotes begins a sign that does not exist")
        return YamlMistake(stop, message, ESCAPE_HINT)
    while stop and (not rows[stop].strip() or rows[stop].startswith("#")):
        stop -= 1
    if stop and not rows[stop - 1].strip() and not NAME.match(rows[stop]):
        hint = Message('Is the line "---" missing that ends the fields? It stands between them and the text.')
        return YamlMistake(stop, Message("text stands where only fields may be"), hint)
    above = next((row for row in range(stop - 1, -1, -1) if rows[row].strip()), None)
    if (
        NAME.match(rows[stop])
        and above is not None
        and re.match(r"[^\s#-]", rows[above])
        and not NAME.match(rows[above])
    ):
        return YamlMistake(above, NO_FIELD, NO_FIELD_HINT)
    if reason != "None" and (NAME.match(rows[stop]) or rows[stop].lstrip().startswith("- ")):
        return YamlMistake(stop, NOT_INDENTED, INDENT_HINT)
    return YamlMistake(stop, NO_FIELD, NO_FIELD_HINT)
