"""YAML as fields with their lines, and nothing that YAML reads in another way than an editor writes it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, NoReturn

import yaml

from openknowledge.invisible_text import find_invisible
from openknowledge.problems import Message, Problem

from .yaml_mistakes import (
    BLANK_HINT,
    DASH_HINT,
    ESCAPE_HINT,
    INDENT_HINT,
    NO_BLANK,
    NO_BLANK_BEHIND_DASH,
    NOT_INDENTED,
    SIGN_HINT,
    find_mistake,
    find_run_on,
)

__all__ = [
    *("LIST", "FieldPath", "LocatedFields", "RecoveredFields", "format_field_path", "load_list", "load_yaml"),
    "recover_fields",
]

FieldPath = tuple[str | int, ...]
"""Where a value is inside a mapping: `("runs", 1, "starts")`."""

TEXT = "tag:yaml.org,2002:str"
SURROGATES = re.compile(r"((?<!\\)(?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""Two escapes that JSON writes for one character outside the Basic Multilingual Plane (RFC 8259, section 7)."""
LIST = "entries"
"""The name of a list that a file has by itself."""
LIST_BEGIN = re.compile(r"\A---[^\S\n]*$", re.MULTILINE)
FIELD_BEGIN, ENTRY_BEGIN = re.compile(r"^(?=[\w-]+:)", re.MULTILINE), re.compile(r"^(?=- )", re.MULTILINE)
MAX_DEPTH = 32
MAX_DIGITS = 30
COMMENT = re.compile(r"\s+#|#")
PLAIN_KEY = re.compile(r"[A-Za-z_][\w-]*")
"""The name of a field with which nothing can be wrong; all have one."""
ESCAPE = re.compile(r"(?:[^\\]|\\[\\\"/xuU\n])*(\\(?![xuU])[a-zA-Z_])")
"""A backslash before a letter in double quotes: YAML makes a line end of the beginning of `\\nu`."""


@dataclass(frozen=True, slots=True)
class LocatedFields:
    """A mapping with the line of the file `path` on which each value of it is.

    `body` is what follows the front matter, from the line `body_line` on. `written` has values that YAML does not take
    for text as they are written (`010`, `3.10`, `true`); at the paths in `cut` a comment follows an unquoted value.
    """

    path: str
    data: dict[str, Any]
    lines: dict[FieldPath, int]
    body: str = ""
    body_line: int = 1
    written: Mapping[FieldPath, str] = field(default_factory=dict)
    cut: frozenset[FieldPath] = frozenset()

    def find_line(self, path: FieldPath) -> int | None:
        """Return the line of the innermost part of a path that the file has."""
        while path:
            if path in self.lines:
                return self.lines[path]
            path = path[:-1]
        return self.lines.get(())

    def below(self, path: FieldPath, data: dict[str, Any]) -> "LocatedFields":
        """Return the fields of the group at a path, which `data` are."""
        places = [(place, (*path, *place)) for place in _list_places(data)]
        lines = {place: self.lines[whole] for place, whole in places if whole in self.lines}
        written = {place: self.written[whole] for place, whole in places if whole in self.written}
        cut = frozenset(place for place, whole in places if whole in self.cut)
        return LocatedFields(self.path, data, lines, written=written, cut=cut)

    def names_at(self, path: FieldPath) -> tuple[str, ...]:
        """Return the names of the fields that are written beside the one at a path."""
        group: Any = self.data
        for part in path[:-1]:
            try:
                group = group[part]
            except (LookupError, TypeError):
                return ()
        return tuple(group) if isinstance(group, dict) else ()

    def find_body_line(self, text: str) -> int | None:
        """Return the line on which a text first occurs in the body."""
        index = self.body.find(text)
        return None if index < 0 else self.body_line + self.body.count("\n", 0, index)

    def locate_problem(self, path: FieldPath, message: Message, hint: Message | None) -> Problem:
        """Return a problem of the value at a path."""
        return Problem(self.path, self.find_line(path), format_field_path(path) or None, message, hint)


def _list_places(value: Any, path: FieldPath = ()) -> Iterator[FieldPath]:
    """Yield the paths of a value and of all values in it."""
    yield path
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _list_places(inner, (*path, key))


@lru_cache(maxsize=1024)
def format_field_path(path: FieldPath) -> str:
    """Return `("runs", 1, "starts")` as editors read it: `runs[1].starts`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's plain values: `no` is a word, `12:30` is text, a date is text until its field reads it."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


SCALARS: dict[str, tuple[re.Pattern[str], Callable[[str], Any]]] = {
    "tag:yaml.org,2002:bool": (re.compile(r"(?:true|false)\Z"), lambda text: text == "true"),
    "tag:yaml.org,2002:null": (re.compile(r"(?:~|null|)\Z"), lambda _text: None),
    "tag:yaml.org,2002:int": (re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z"), int),
    "tag:yaml.org,2002:float": (re.compile(r"[-+]?[0-9]+\.[0-9]+\Z"), float),
}
"""The plain values that are no text, by tag: how they are written, and what they are."""
NO_TEXT_BEGINS = "tf~n-+0123456789"
"""What the plain values begin with that are no text, unless they are empty."""
for _tag, _first in zip(SCALARS, ("tf", ("~", "n", ""), "-+0123456789", "-+0123456789"), strict=True):
    _Loader.add_implicit_resolver(_tag, SCALARS[_tag][0], list(_first))


LINE_BREAK = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for the YAML library (YAML 1.1, section 4.2), which counts lines in its marks."""


def _split_rows(text: str) -> list[str]:
    """Return the lines of a text as marks count them."""
    return text.split("\n") if text.isascii() and "\r" not in text else LINE_BREAK.split(text)


def load_yaml(text: str, path: str, first_line: int = 1) -> LocatedFields | Problem:
    """Return a YAML mapping; `first_line` is the line of the file on which `text` begins."""
    for _ in range(1 + text.count("\\u")):
        builder = _YamlBuilder(text)
        try:
            data = builder.build()
        except yaml.MarkedYAMLError as error:
            joined = _join_surrogates(text, error)
            if joined != text:
                text = joined
                continue
            return _describe_yaml_error(error, path, first_line, text)
        except yaml.YAMLError:
            hint = Message("Delete it; it often comes from copying out of a PDF.")
            return Problem(path, first_line, None, Message("a character that no text may have"), hint)
        break
    if not isinstance(data, dict):
        row, reason, cure = find_mistake(text, None)
        return Problem(path, first_line + row, None, reason, cure)
    lines = {name: line + first_line for name, line in builder.lines.items()}
    return LocatedFields(path, data, {**lines, (): first_line}, "", 1, builder.written, frozenset(builder.cut))


class RecoveredFields(NamedTuple):
    """What can be read of a text with mistakes, the paths that cannot be, and the mistakes."""

    fields: LocatedFields
    failed: frozenset[FieldPath] = frozenset()
    problems: tuple[Problem, ...] = ()


def recover_fields(text: str, path: str, problem: Problem, first_line: int = 1) -> RecoveredFields:
    """Return the fields of a mapping that can be read one by one, where a `problem` stops the reading of all."""
    found = RecoveredFields(LocatedFields(path, {}, {(): first_line}))
    for part in FIELD_BEGIN.split(text):
        own = load_yaml(part, path, first_line)
        found = _join_problem(found, own, part) if isinstance(own, Problem) else _join_fields(found, own)
        first_line += part.count("\n")
    return _prefer(found, problem)


def load_list(text: str, path: str, refusal: tuple[Message, Message]) -> RecoveredFields:
    """Return a file with a list as the field `LIST`; one of which an entry cannot be read has the others.

    The list is parsed as a field because YAML then accepts it without indentation. `refusal` is what is wrong with a
    file that has anything else, and how to mend it.
    """
    begun = LIST_BEGIN.sub("", text.removeprefix("\ufeff"))
    whole = load_yaml(f"{LIST}:\n{begun}", path, first_line=0)
    found = RecoveredFields(LocatedFields(path, {LIST: []}, {}))
    if isinstance(whole, Problem):
        line = 0
        for part in ENTRY_BEGIN.split(begun):
            own = load_yaml(f"{LIST}:\n{part}", path, line)
            found = _join_problem(found, own, part) if isinstance(own, Problem) else _join_list(found, own, refusal)
            line += part.count("\n")
        return _prefer(found, whole)
    return _join_list(found, whole, refusal)


def _prefer(found: RecoveredFields, problem: Problem) -> RecoveredFields:
    """Return the mistakes, with the words that one of them has where the whole is read; it may end further down."""
    problems = tuple(problem if problem.line == other.line else other for other in found.problems)
    return found._replace(problems=problems or (problem,))


def _join_problem(found: RecoveredFields, problem: Problem, part: str) -> RecoveredFields:
    failed = found.failed | {(part.partition(":")[0],)}
    return found._replace(problems=(*found.problems, problem), failed=failed)


def _join_fields(found: RecoveredFields, own: LocatedFields) -> RecoveredFields:
    fields = found.fields
    data, lines = {**own.data, **fields.data}, {**own.lines, **fields.lines}
    written, cut = {**own.written, **fields.written}, fields.cut | own.cut
    return found._replace(fields=replace(fields, data=data, lines=lines, written=written, cut=cut))


def _join_list(found: RecoveredFields, own: LocatedFields, refusal: tuple[Message, Message]) -> RecoveredFields:
    """Return the entries with those of a part, which may have something else than a list."""
    others = [name for name in own.data if name != LIST]
    if others or not isinstance(own.data.get(LIST), list | None):
        line = own.find_line((others[0],)) if others else None
        problem = Problem(own.path, line or (own.find_line((LIST,)) or 0) + 1, None, *refusal)
        return found._replace(problems=(*found.problems, problem))
    return _join_entries(found, own)


def _join_entries(found: RecoveredFields, own: LocatedFields) -> RecoveredFields:
    entries = found.fields.data[LIST]

    def move(place: FieldPath) -> FieldPath:
        return (LIST, len(entries) + int(place[1]), *place[2:]) if len(place) > 1 else place

    lines = {move(place): line for place, line in own.lines.items()}
    written, cut = {move(place): text for place, text in own.written.items()}, frozenset(map(move, own.cut))
    joined = _join_fields(found, LocatedFields(own.path, {}, lines, written=written, cut=cut))
    entries += own.data.get(LIST) or []
    return joined


class _RefusedYaml(yaml.MarkedYAMLError):
    """YAML that is well written, and not read here: what is wrong, and how to mend it."""

    def __init__(self, message: Message, mark: Any, hint: Message) -> None:
        super().__init__(problem=message, problem_mark=mark)
        self.message, self.row, self.hint = message, mark.line, hint


@dataclass(slots=True)
class _Collection:
    """A mapping or list under way; `key` is that of the next value of a mapping."""

    path: FieldPath
    value: dict[str, Any] | list[Any]
    key: str | None = None


class _YamlBuilder:
    """Builds the value of a YAML document from its events, without recursion, and notes the line of each field.

    What a document may cost is bounded: the depth, and the digits of a number. What YAML reads in another way than it
    is written is refused: anchors, aliases and tags, of which an editor knows nothing, and escapes that make no letter.
    """

    def __init__(self, text: str) -> None:
        self.loader, self.rows = _Loader(text), _split_rows(text)
        self.has_comments, self.has_escapes = "#" in text, "\\" in text
        self.lines: dict[FieldPath, int] = {}
        self.written: dict[FieldPath, str] = {}
        self.cut: set[FieldPath] = set()
        self.stack: list[_Collection] = []
        self.result: Any = {}

    def build(self) -> Any:
        """Return the value. Raises `yaml.YAMLError` if the text is no YAML, or more of it than is read."""
        try:
            while self.loader.check_event():
                self._take(self.loader.get_event())
        finally:
            self.loader.dispose()
        return self.result

    def _take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            if event.anchor or event.tag:
                _refuse_sign(event)
            self._add_scalar(event)
            return
        if isinstance(event, yaml.NodeEvent) and (event.anchor or getattr(event, "tag", None)):
            _refuse_sign(event)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(self.stack) >= MAX_DEPTH:
                message = Message("more than %(depth)s levels are nested here", depth=MAX_DEPTH)
                _fail(message, event, Message("Check the brackets and the indentation."))
            value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
            self.stack.append(_Collection(self._add(event, value), value))
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent) and self.lines:
            _fail(Message("a second document begins here"), event, Message("Remove the line above it."))

    def _add_scalar(self, event: Any) -> None:
        """Add a scalar, and note what its value does not show: how it is written, and whether a comment follows."""
        value = self._scalar(event)
        outer = self.stack[-1] if self.stack else None
        if outer is not None and outer.key is None and isinstance(outer.value, dict):
            self._add(event, None)
            return
        path = self._add(event, value)
        if not event.implicit[0]:
            return
        end = event.end_mark
        if event.start_mark.line < end.line:
            self._check_dashes(event.start_mark.line, end.line)
        if not isinstance(value, str):
            self.written[path] = event.value
        if self.has_comments and end.line < len(self.rows) and COMMENT.match(self.rows[end.line], end.column):
            self.cut.add(path)

    def _add(self, event: Any, value: Any) -> FieldPath:
        """Add a value to the collection under way, or take it for its next key; return its path."""
        if not self.stack:
            self.result = value
            return ()
        outer = self.stack[-1]
        if isinstance(outer.value, dict) and outer.key is not None:
            path = (*outer.path, outer.key)
            outer.value[outer.key], outer.key = value, None
            return path
        if isinstance(outer.value, list):
            path = (*outer.path, len(outer.value))
            outer.value.append(value)
        else:
            outer.key = self._key(outer.value, event)
            path = (*outer.path, outer.key)
        self.lines[path] = event.start_mark.line
        return path

    def _key(self, mapping: Mapping[str, Any], event: Any) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            message = Message("a bracket begins the name of a field")
            _fail(message, event, Message('Write "name: value"; put a text that begins with a bracket in quotes.'))
        key = str(event.value)
        if key in mapping:
            _fail(Message('"%(name)s" is given twice', name=key), event, Message("Keep one of the two lines."))
        if PLAIN_KEY.fullmatch(key):
            return key
        if not key.strip() or key != key.strip():
            _fail(Message("a blank that does not break stands in the name of a field"), event, NAME_HINT)
        if ":" in key and event.implicit[0]:
            if key.startswith(("figure:", "counter:", "total:")):
                _fail(Message('a text cannot begin with "%(sign)s"', sign="{"), event, SIGN_HINT)
            _fail(NO_BLANK, event, BLANK_HINT)
        if key.startswith("-"):
            _fail(NO_BLANK_BEHIND_DASH, event, DASH_HINT)
        return key

    def _scalar(self, event: Any) -> Any:
        """Return the value of a scalar: text, or what YAML 1.2's core schema makes of it."""
        text: str = event.value
        hidden = None if text.isascii() and text.isprintable() else find_invisible(text)
        escape = self._find_escape(event) if self.has_escapes and event.style == '"' else None
        if escape is not None:
            message = Message('"%(escape)s" in double quotes is read as another sign', escape=escape)
            _fail(message, event, ESCAPE_HINT)
        if hidden is not None:
            code = f"U+{ord(hidden[0]):04X}"
            message = Message("an invisible control character (%(code)s) is written here", code=code)
            _fail(message, event, Message("Leave it out: readers do not see it."))
        if event.style in ('"', "'"):
            self._check_quote(event)
        if not event.implicit[0] or (text and text[0] not in NO_TEXT_BEGINS):
            return text
        tag = self.loader.resolve(yaml.ScalarNode, text, event.implicit)
        if tag == TEXT:
            return text
        convert = SCALARS[tag][1]
        if convert in (int, float) and len(text) > MAX_DIGITS:
            message = Message("a number of more than %(digits)s digits", digits=MAX_DIGITS)
            _fail(message, event, Message("Put it in quotes if it is a name."))
        return convert(text)

    def _check_dashes(self, first: int, last: int) -> None:
        """Refuse values of a list that YAML takes for one text, because a line of them has no blank, or too many."""
        for line in range(first, last + 1):
            row = self.rows[line].strip()
            if line > first and row.startswith("- "):
                _fail_at(NOT_INDENTED, line, INDENT_HINT)
            if row.startswith("-") and self.rows[last].strip().startswith("-") and row[1:2].strip():
                _fail_at(NO_BLANK_BEHIND_DASH, line, DASH_HINT)

    def _find_escape(self, event: Any) -> str | None:
        first, last = event.start_mark, event.end_mark
        rows = self.rows[first.line : last.line + 1]
        if not any("\\" in row for row in rows):
            return None
        rows[-1] = rows[-1][: last.column]
        match = ESCAPE.match("\n".join((rows[0][first.column :], *rows[1:])))
        return match[1] if match else None

    def _check_quote(self, event: Any) -> None:
        """Refuse a quoted text that has run on into the next field because its quote is not closed."""
        if event.start_mark.line < event.end_mark.line:
            rows = self.rows[: event.end_mark.line + 1]
            mistake = find_run_on(rows, event.start_mark.line)
            if mistake is not None and mistake.row == event.start_mark.line:
                _fail(mistake.message, event, mistake.hint)


NAME_HINT = Message("Delete it, and type the name again; it often comes from copying.")


def _refuse_sign(event: Any) -> NoReturn:
    sign = "*" if isinstance(event, yaml.AliasEvent) else "&" if event.anchor else "!"
    _fail(Message('a text cannot begin with "%(sign)s"', sign=sign), event, SIGN_HINT)


def _fail_at(message: Message, line: int, hint: Message) -> NoReturn:
    raise _RefusedYaml(message, yaml.Mark("", 0, line, 0, None, 0), hint)


def _fail(message: Message, event: Any, hint: Message) -> NoReturn:
    raise _RefusedYaml(message, event.start_mark, hint)


def _join_surrogates(text: str, error: yaml.MarkedYAMLError) -> str:
    """Return a text with the halves of characters joined that JSON writes as two escapes, on the line of an error."""
    if "Unicode character escape" not in str(error.problem) or error.problem_mark is None:
        return text
    rows = text.split("\n")
    number = min(error.problem_mark.line, len(rows) - 1)

    def join(match: re.Match[str]) -> str:
        high, low = int(match[2], 16), int(match[3], 16)
        return f"{match[1]}\\U{0x10000 + ((high - 0xD800) << 10) + low - 0xDC00:08x}"

    rows[number] = SURROGATES.sub(join, rows[number])
    return "\n".join(rows)


def _describe_yaml_error(error: yaml.MarkedYAMLError, path: str, first_line: int, text: str) -> Problem:
    if isinstance(error, _RefusedYaml):
        return Problem(path, first_line + error.row, None, error.message, error.hint)
    row, message, hint = find_mistake(text, error)
    return Problem(path, first_line + row, None, message, hint)
